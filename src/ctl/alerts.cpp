#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"

#include "commands.h"
#include "rate_words.h"
#include "send_mail.h"

namespace suppressd::ctl {
namespace {

/// What is over for longer, or was opened long ago, was learned from an old log.
constexpr Duration kNewsFor = std::chrono::hours(24);
constexpr Duration kOpenedWithin = std::chrono::hours(24 * 3);

struct Options {
  bool open = false;
  bool fresh = false;
  std::string mail;
  std::string from;
  std::string sendmail = "/usr/sbin/sendmail";
};

bool is_new(const Alert& alert, Time now) {
  return !alert.mailed && now - alert.opened <= kOpenedWithin &&
         (!alert.closed || now - *alert.closed <= kNewsFor);
}

Result<std::vector<Alert>> read_alerts(Context& context, const Options& options) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  auto alerts = reader->alerts();
  if (!alerts) return alerts;
  const bool fresh = options.fresh || !options.mail.empty();
  std::erase_if(*alerts, [&](const Alert& alert) {
    return (options.open && alert.closed) || (fresh && !is_new(alert, context.now()));
  });
  return alerts;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

constexpr std::size_t kLongestSubject = 200;
constexpr std::size_t kLongestLine = 500;
constexpr std::size_t kMostMailed = 200;  // alerts in one mail

// Names are of senders, who may be hostile: `=?` would begin an encoded word.
std::string safe_subject(std::string subject) {
  for (auto at = subject.find("=?"); at != std::string::npos; at = subject.find("=?", at)) subject[at] = '?';
  subject = clean(subject, kLongestSubject);
  std::ranges::replace_if(
      subject, [](char c) { return c < ' ' || c > '~'; }, '?');
  return subject;
}

std::string subject_of(const std::vector<Alert>& alerts) {
  auto subject = "suppressd on " + host_name() + ": ";
  if (alerts.size() > 1) return subject + std::to_string(alerts.size()) + " alerts";
  return safe_subject(subject.append(name_of(alerts.front().level)).append(": ") + alerts.front().words());
}

std::string mail_of(const std::vector<Alert>& alerts, const std::string& to) {
  std::string text = "From: suppressd <postmaster>\nTo: <" + to + ">\nSubject: " + subject_of(alerts) +
                     "\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
                     "Content-Type: text/plain; charset=utf-8\n\n";
  for (const auto& alert : std::span(alerts).first(std::min(alerts.size(), kMostMailed)))
    text.append(name_of(alert.level))
        .append(": ")
        .append(clean(alert.words(), kLongestLine))
        .append("\n  since ")
        .append(format_time(alert.opened))
        .append(alert.closed ? ", over since " + format_time(*alert.closed) : "")
        .append("\n\n");
  if (alerts.size() > kMostMailed)
    text.append("and ").append(std::to_string(alerts.size() - kMostMailed)).append(" more\n\n");
  return text + "suppressctl report shows more, suppressctl alerts all of them.\n";
}

// Those that were sent are marked afterwards: if that fails, they come twice, but never not at all.
Result<int> mail(Context& context, const Options& options, const std::vector<Alert>& alerts) {
  auto to = canonical_address(options.mail, host_name());
  if (!to) return Error{"--mail: " + to.error().message};
  if (alerts.empty()) return kSuccess;
  const auto from = options.from.empty() ? "<>" : options.from;
  if (auto sent = send_mail(options.sendmail, from, *to, mail_of(alerts, *to)); !sent) return sent.error();
  std::vector<std::int64_t> ids;
  for (const auto& alert : alerts) ids.push_back(alert.id);
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  auto batch = ledger->begin();
  if (!batch) return batch.error();
  if (auto marked = batch->mark_mailed(ids); !marked) return marked.error();
  if (auto committed = batch->commit(); !committed) return committed.error();
  context.out().line("mailed " + count_of(alerts.size(), "alert", "alerts") + " to " + *to);
  return kSuccess;
}

Result<int> run(Context& context, const Options& options) {
  const auto alerts = read_alerts(context, options);
  if (!alerts) return alerts.error();
  if (!options.mail.empty()) return mail(context, options, *alerts);
  auto& out = context.out();
  Table table({"NUMBER", "STATE", "LEVEL", "OPENED", "CLOSED", "ALERT"});
  for (const auto& alert : *alerts) {
    if (out.json())
      out.object(json_of(alert));
    else
      table.row({std::to_string(alert.id), alert.closed ? "closed" : "open",
                 std::string(name_of(alert.level)), format_time(alert.opened),
                 alert.closed ? format_time(*alert.closed) : "", alert.words()});
  }
  if (out.json()) return kSuccess;
  if (table.empty())
    out.line(std::string("no ") + (options.open ? "open " : "") + (options.fresh ? "new " : "") + "alert");
  else
    table.print(out);
  return kSuccess;
}

}  // namespace

void add_alerts(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add("alerts", "List rates that are, or were, over a limit; or mail what is new",
                              [options](Context& context) { return run(context, *options); });
  command->add_flag("--open", options->open, "Only those that are open");
  command->add_flag("--new", options->fresh, "Only those that were not mailed yet");
  auto* mail = command->add_option("--mail", options->mail, "Mail those that were not mailed yet, if any")
                   ->type_name("ADDRESS");
  command->add_option("--from", options->from, "Envelope sender of that mail (the null sender)")
      ->type_name("ADDRESS")
      ->needs(mail);
  command->add_option("--sendmail", options->sendmail, "Program that takes it (/usr/sbin/sendmail)")
      ->type_name("FILE")
      ->needs(mail);
}

}  // namespace suppressd::ctl
