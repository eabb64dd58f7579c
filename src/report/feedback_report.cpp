#include "feedback_report.h"

#include <algorithm>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/report/reader.h"

#include "delivery_status.h"

namespace suppressd::report {
namespace {

void add(std::string address, Report& report) {
  const bool known =
      std::ranges::any_of(report.recipients, [&](const auto& other) { return other.address == address; });
  if (address.empty() || known || report.recipients.size() >= kReportRecipients) return;
  ReportedRecipient recipient;
  recipient.address = std::move(address);
  recipient.fate = Fate::complained;
  report.recipients.push_back(std::move(recipient));
}

void be_feedback(std::string_view type, std::string_view form, Report& report) {
  report.kind = ReportKind::feedback;
  report.form = form;
  report.feedback_type = clean(to_lower(trim(type)), 60);
  if (report.recipients.empty()) {
    report.recipients.emplace_back();
    report.recipients.back().fate = Fate::complained;
  }
}

}  // namespace

bool read_feedback_report(std::string_view text, Report& report) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  const auto fields = MailHeader::take(text);
  const auto type = fields.value("feedback-type");
  if (type.empty()) return false;
  for (const auto value : fields.values("original-rcpt-to")) add(typed_address(value), report);
  if (report.recipients.empty()) {
    for (const auto value : fields.values("removal-recipient")) add(typed_address(value), report);
  }
  report.reporting_mta = typed_host(fields.value("reporting-mta"));
  report.returned.envelope_id = clean(fields.value("original-envelope-id"), 200);
  report.returned.sender = typed_address(fields.value("original-mail-from"));
  be_feedback(type, "rfc5965", report);
  return true;
}

bool read_hotmail_complaint(const MailHeader& mail, const MailHeader& returned, Report& report) {
  constexpr std::string_view kField = "x-hmxmroriginalrecipient";
  if (!starts_with_ignoring_case(mail.value("subject"), "complaint about message from")) return false;
  auto recipient = typed_address(mail.value(kField));
  if (recipient.empty()) recipient = typed_address(returned.value(kField));
  if (recipient.empty()) return false;
  add(std::move(recipient), report);
  be_feedback("abuse", "hotmail", report);
  return true;
}

}  // namespace suppressd::report
