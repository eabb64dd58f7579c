#include "fallback.h"

#include <array>

namespace suppressd {
namespace {

constexpr int kAny = -1;

struct StatusRow {
  int klass;
  int subject;
  int detail;
  FallbackRow row;
};

/// The first row that fits decides. Subjects and details are those of RFC 3463 and of IANA's registry.
constexpr std::array kStatuses{
    StatusRow{5, 1, 1, {"status.5.1.1", Category::bad_mailbox, true}},
    StatusRow{5, 1, 2, {"status.5.1.2", Category::bad_domain, true}},
    StatusRow{5, 1, 3, {"status.5.1.3", Category::bad_mailbox, true}},
    StatusRow{5, 1, 4, {"status.5.1.4", Category::bad_mailbox, true}},
    StatusRow{5, 1, 5, {"status.5.1.5", Category::undetermined_permanent, true}},
    StatusRow{5, 1, 6, {"status.5.1.6", Category::moved, true}},
    StatusRow{kAny, 1, 7, {"status.x.1.7", Category::policy}},
    StatusRow{kAny, 1, 8, {"status.x.1.8", Category::policy}},
    StatusRow{5, 1, 10, {"status.5.1.10", Category::bad_mailbox, true}},
    StatusRow{5, 1, kAny, {"status.5.1.x", Category::undetermined_permanent, true}},
    StatusRow{5, 2, 1, {"status.5.2.1", Category::mailbox_disabled, true}},
    StatusRow{kAny, 2, 2, {"status.x.2.2", Category::mailbox_full}},
    StatusRow{kAny, 2, 3, {"status.x.2.3", Category::message_too_large}},
    StatusRow{5, 2, 4, {"status.5.2.4", Category::server_error}},
    StatusRow{5, 2, kAny, {"status.5.2.x", Category::undetermined_permanent, true}},
    StatusRow{kAny, 3, 4, {"status.x.3.4", Category::message_too_large}},
    StatusRow{kAny, 3, kAny, {"status.x.3.x", Category::server_error}},
    StatusRow{4, 4, 1, {"status.4.4.1", Category::connection}},
    StatusRow{4, 4, 2, {"status.4.4.2", Category::connection}},
    StatusRow{kAny, 4, 3, {"status.x.4.3", Category::dns}},
    StatusRow{kAny, 4, 6, {"status.x.4.6", Category::routing}},
    StatusRow{kAny, 4, kAny, {"status.x.4.x", Category::undetermined_temporary}},
    StatusRow{kAny, 5, 3, {"status.x.5.3", Category::rate_limited}},
    StatusRow{5, 5, kAny, {"status.5.5.x", Category::protocol}},
    StatusRow{kAny, 6, kAny, {"status.x.6.x", Category::content}},
    StatusRow{kAny, 7, 8, {"status.x.7.8", Category::auth}},
    StatusRow{kAny, 7, 9, {"status.x.7.9", Category::auth}},
    StatusRow{kAny, 7, 20, {"status.x.7.20", Category::auth}},
    StatusRow{kAny, 7, 21, {"status.x.7.21", Category::auth}},
    StatusRow{kAny, 7, 22, {"status.x.7.22", Category::auth}},
    StatusRow{kAny, 7, 23, {"status.x.7.23", Category::auth}},
    StatusRow{kAny, 7, 24, {"status.x.7.24", Category::auth}},
    StatusRow{kAny, 7, 25, {"status.x.7.25", Category::auth}},
    StatusRow{kAny, 7, 26, {"status.x.7.26", Category::auth}},
    StatusRow{kAny, 7, kAny, {"status.5.7.x", Category::policy}},
    StatusRow{4, kAny, kAny, {"status.4.x.x", Category::undetermined_temporary}},
    StatusRow{5, kAny, kAny, {"status.5.x.x", Category::undetermined_permanent, true}},
};

bool says_nothing(EnhancedStatus status) {
  return !status || status.subject == 0 || (status.klass == 5 && status.subject <= 2 && status.detail == 0);
}

bool fits(const StatusRow& row, EnhancedStatus status) {
  return (row.klass == kAny || row.klass == status.klass) &&
         (row.subject == kAny || row.subject == status.subject) &&
         (row.detail == kAny || row.detail == status.detail);
}

FallbackRow by_code(int code, Stage stage) {
  switch (code) {
    case 420:
      return {"code.420", Category::server_error};
    case 421:
      return {"code.421", Category::server_error};
    case 452:
      return {"code.452", Category::server_error};
    case 530:
    case 534:
    case 535:
    case 538:
      return {"code.53x", Category::auth};
    case 556:
      return {"code.556", Category::bad_domain, true};
    default:
      break;
  }
  if (code >= 500) {
    // The recipient had been accepted by then: what is refused is the message.
    if (stage == Stage::data || stage == Stage::end_of_data) return {"stage.data", Category::content};
    return {"code.5xx", Category::undetermined_permanent, true};
  }
  return {"code.4xx", Category::undetermined_temporary};
}

}  // namespace

FallbackRow fallback(int code, EnhancedStatus status, Stage stage, bool temporary) {
  if (status.klass == 2) status = {};
  if (says_nothing(status)) {
    if (code >= 400) return by_code(code, stage);
    if (!status) return temporary ? FallbackRow{"deferred", Category::undetermined_temporary} : FallbackRow{};
    return status.klass == 4 ? FallbackRow{"status.4.x.x", Category::undetermined_temporary}
                             : FallbackRow{"status.5.x.x", Category::undetermined_permanent, true};
  }
  for (const auto& row : kStatuses) {
    if (fits(row, status)) return row.row;
  }
  return {};
}

}  // namespace suppressd
