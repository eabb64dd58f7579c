#include "classify_message.h"

#include <array>

#include "suppressd/report/reader.h"
#include "suppressd/report/verdict.h"
#include "suppressd/source/byte_stream.h"

#include "json_writer.h"

namespace suppressd::ctl {
namespace {

/// As much of a mail as the report parser reads. A file is one mail here, even if it is an mbox: the output
/// identifies mails by the name of the file.
Result<std::string> read_mail(const std::string& name) {
  auto bytes = ByteStream::open_input(name);
  if (!bytes) return bytes.error();
  std::string mail;
  std::array<char, 64 * 1024> space;
  while (mail.size() < kReportBytes) {
    const auto count = bytes->read(space);
    if (!count) return count.error();
    if (*count == 0) break;
    mail.append(space.data(), *count);
  }
  return mail;
}

bool is_temporary(const ReportVerdict& verdict) {
  return verdict.judged && failure_of(verdict).temporary;
}

void write_report(JsonWriter& json, const Report& report) {
  json.member("report", name_of(report.kind));
  json.optional_member("form", report.form);
  json.optional_member("feedback_type", report.feedback_type);
  json.optional_member("reporting_mta", report.reporting_mta);
  json.optional_member("at", report.date ? format_time(*report.date) : std::string{});
  json.optional_member("message_id", report.returned.message_id);
  json.optional_member("sender", report.returned.sender);
  json.member("traced", !report.returned.traces.empty());
}

void write_verdict(JsonWriter& json, const ReportVerdict& verdict) {
  static const ReportedRecipient nobody{};
  const auto& recipient = verdict.recipient != nullptr ? *verdict.recipient : nobody;
  const bool named = verdict.recipient != nullptr;
  json.optional_member("recipient", recipient.address.empty() ? recipient.unreadable : recipient.address);
  json.optional_member("original_recipient", recipient.original);
  json.member("inferred", recipient.inferred);
  json.member("category", name_of(verdict.category));
  json.member("action", name_of(verdict.action));
  json.optional_member("rule", verdict.rule);
  json.member("weak", verdict.weak);
  json.optional_member("code", verdict.code);
  json.optional_member("status", format_status(verdict.status));
  json.optional_member("stage",
                       recipient.stage == Stage::unknown ? std::string_view{} : name_of(recipient.stage));
  json.member("temporary", is_temporary(verdict));
  json.optional_member("provider", verdict.provider);
  json.optional_member("fate", named ? name_of(recipient.fate) : std::string_view{});
  json.optional_member("remote_mta", recipient.remote_mta);
  json.optional_member("text", recipient.text);
}

}  // namespace

void write_explanations(JsonWriter& json, const Ruleset& rules, const std::optional<Failure>& failure) {
  const auto basis = failure ? rules.basis_of(*failure) : Basis{};
  json.optional_member("subject",
                       basis.subject == Subject::none ? std::string_view{} : name_of(basis.subject));
  json.optional_member("at_stage", basis.stage == Stage::unknown ? std::string_view{} : name_of(basis.stage));
  json.optional_member("words", basis.words);
  json.begin_array("explain");
  for (const auto& candidate : failure ? rules.explain(*failure) : std::vector<Explanation>{}) {
    json.begin_object();
    json.member("rule", candidate.rule);
    json.member("category", name_of(candidate.category));
    json.member("conditions_held", candidate.conditions_held);
    json.member("won", candidate.won);
    json.end_object();
  }
  json.end_array();
}

Status classify_messages(Context& context, const Ruleset& rules, const std::vector<std::string>& files,
                         bool explain) {
  JsonWriter json;
  for (const auto& file : files) {
    const auto mail = read_mail(file);
    if (!mail) return mail.error();
    const auto report = read_report(*mail);
    if (!report) return report.error();
    for (const auto& verdict : judge_report(*report, rules, context.config().learn.actions)) {
      json.clear();
      json.begin_object();
      json.member("file", file);
      write_verdict(json, verdict);
      write_report(json, *report);
      if (explain)
        write_explanations(json, rules, verdict.judged ? std::optional(failure_of(verdict)) : std::nullopt);
      json.end_object();
      json.end_line();
      context.out().raw(json.text());
    }
  }
  return {};
}

}  // namespace suppressd::ctl
