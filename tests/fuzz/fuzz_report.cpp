// Mails as strangers send them, through the report parser and its verdicts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/report/reader.h"
#include "suppressd/report/verdict.h"

namespace {

using namespace suppressd;

void require(bool holds) {
  if (!holds) std::abort();
}

const Ruleset& rules() {
  static const Ruleset compiled = [] {
    Rule rule;
    rule.id = "dead";
    rule.pattern = "no such|unknown";
    rule.category = Category::bad_mailbox;
    return Ruleset::compile({rule}, ActionTable{}).value();
  }();
  return compiled;
}

void check_address(const std::string& address) {
  if (address.empty()) return;
  const auto canonical = canonical_address(address);
  require(canonical && *canonical == address);
}

void check_text(std::string_view text) {
  require(clean(text, text.size()) == text);
}

void check(const Report& report) {
  require((report.kind == ReportKind::not_a_report) == report.recipients.empty());
  require((report.kind == ReportKind::not_a_report) == report.form.empty());
  require(report.recipients.size() <= kReportRecipients);
  require(report.kind == ReportKind::feedback || report.feedback_type.empty());
  require(report.returned.traces.size() <= 16);
  for (const auto& recipient : report.recipients) {
    check_address(recipient.address);
    check_address(recipient.original);
    check_text(recipient.text);
    check_text(recipient.remote_mta);
    check_text(recipient.unreadable);
    require(recipient.unreadable.empty() || recipient.address.empty());
    require(!recipient.inferred || !recipient.address.empty());
  }
  for (const auto& address : report.returned.recipients) check_address(address);
  for (const auto& trace : report.returned.traces) check_text(trace);
  check_address(report.returned.sender);
  check_text(report.returned.message_id);
  check_text(report.returned.envelope_id);
  check_text(report.reporting_mta);
  const auto verdicts = judge_report(report, rules(), ActionTable{});
  require(verdicts.size() == (report.recipients.empty() ? 1 : report.recipients.size()));
  for (const auto& verdict : verdicts) {
    const bool failed = verdict.recipient != nullptr && verdict.recipient->fate == Fate::failed;
    require(failed || verdict.action == Action::none || verdict.action == Action::complaint);
    require(verdict.action != Action::hard || (verdict.status.klass != 4 && verdict.code / 100 != 4));
    require((verdict.category == Category::complaint) == (verdict.action == Action::complaint));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(read_report(std::string_view(reinterpret_cast<const char*>(data), size)).value());
  return 0;
}
