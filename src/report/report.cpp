#include "suppressd/report/report.h"

#include <array>

namespace suppressd {

std::string_view name_of(ReportKind kind) {
  static constexpr std::array<std::string_view, 4> kNames{"not-a-report", "auto-reply", "delivery-status",
                                                          "feedback"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Fate fate) {
  static constexpr std::array<std::string_view, 7> kNames{"failed",   "delayed",    "delivered", "relayed",
                                                          "expanded", "complained", "answered"};
  return kNames[static_cast<std::size_t>(fate)];
}

Reply ReportedRecipient::reply() const {
  Reply reply = parse_reply(text);
  reply.stage = stage;
  return reply;
}

bool is_complaint(std::string_view feedback_type) {
  return feedback_type == "abuse" || feedback_type == "fraud";
}

}  // namespace suppressd
