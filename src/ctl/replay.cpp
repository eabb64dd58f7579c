#include <malloc.h>

#include <csignal>
#include <optional>

#include "suppressd/learn/learner.h"
#include "suppressd/learn/ledger_cursors.h"
#include "suppressd/store/ledger.h"

#include "commands.h"
#include "json.h"
#include "learned_entries.h"
#include "log_files.h"
#include "progress.h"
#include "rules_comparison.h"
#include "temporary_copy.h"
#include "usage.h"

namespace suppressd::ctl {
namespace {

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> rules;
  bool dry_run = false;
  std::uint64_t transaction = ReplayTerms{}.transaction;
};

volatile std::sig_atomic_t interrupted = 0;

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

class Replay {
 public:
  Replay(Context& context, const Ruleset& rules, Ledger ledger, const Options& options)
      : out_(context.out()),
        dry_run_(options.dry_run),
        transaction_(options.transaction),
        ledger_(std::move(ledger)),
        cursors_(ledger_),
        entries_(context.now()),
        learner_(
            context.config().learn, rules, ledger_,
            [this](const Change& change) {
              entries_.note(change);
              if (dry_run_) show(change);
            },
            [now = context.now()] { return now; }) {}

  Status take(const std::string& path) {
    const ReplayTerms terms{.transaction = transaction_,
                            .go_on = [] { return interrupted == 0; },
                            .committed =
                                [&](const auto& progress) {
                                  progress_.show(path, progress.read, progress.total,
                                                 learner_.counters().lines);
                                }};
    const auto log = learner_.replay(path, cursors_, terms);
    if (!log) return log.error();
    if (log->interrupted)
      return Error{"interrupted; what was learned is kept, and the same command continues from there"};
    tell_file(path, *log);
    return {};
  }

  void tell_end() {
    progress_.wipe();
    const auto& counters = learner_.counters();
    if (out_.json()) {
      Json json;
      json["dry_run"] = dry_run_;
      json["lines"] = counters.lines;
      json["attempts"] = counters.attempts;
      json["delivered"] = counters.delivered;
      json["failed"] = counters.failed;
      json["not_understood"] = counters.not_understood;
      json["suppressed"] = entries_.in_force();
      json["pending"] = entries_.pending();
      json["lifted"] = entries_.over();
      json["waiting"] = counters.waiting;
      out_.object(json);
      return;
    }
    out_.line(count_of(counters.attempts, "attempt", "attempts") + ", " +
              count_of(counters.delivered, "send", "sends") + " delivered, " +
              std::to_string(counters.failed) + " failed" +
              (counters.not_understood
                   ? ", " + count_of(counters.not_understood, "line", "lines") + " not understood"
                   : ""));
    out_.line(count_of(entries_.in_force(), "entry", "entries") +
              (dry_run_ ? " would be in force, " : " in force, ") + std::to_string(entries_.pending()) +
              " pending, " + std::to_string(entries_.over()) + " lifted, dropped or past their time" +
              (dry_run_ ? "; nothing was changed" : ""));
    if (learner_.other_keys())
      out_.line(
          "the keys that decide are those of the database (table policy), which suppressd sets; those of "
          "this command differ");
    if (const auto ahead = learner_.take_ahead(); ahead.events > 0)
      out_.line(ahead.words() + ": set the clock that is wrong, there or here");
  }

 private:
  void show(const Change& change) {
    progress_.wipe();
    if (out_.json()) {
      out_.object(json_of(change));
    } else {
      std::string line = format_time(change.at) + "  ";
      line.append(name_of(change.act)).append("  ").append(change.address).append("  ");
      if (change.kind) line.append(name_of(*change.kind)).append(" ");
      out_.line(line + change.category + (change.cause.empty() ? "" : ": " + change.cause));
    }
  }

  void tell_file(const std::string& path, const ReplayedLog& log) {
    progress_.wipe();
    if (out_.json()) {
      Json json;
      json["file"] = path;
      json["known"] = log.known;
      json["new_lines"] = log.new_lines;
      out_.object(json);
    } else {
      out_.line(path + ": " + (log.known ? "known: " : "") +
                count_of(log.new_lines, "new line", "new lines"));
    }
  }

  Output& out_;
  bool dry_run_;
  std::uint64_t transaction_;
  Ledger ledger_;
  LedgerCursors cursors_;
  LearnedEntries entries_;
  Learner learner_;
  Progress progress_;
};

Result<int> replay_into(Context& context, const Ruleset& rules, Ledger ledger,
                        const std::vector<std::string>& files, const Options& options) {
  catch_interrupts();
  Replay replay(context, rules, std::move(ledger), options);
  for (const auto& file : files) {
    if (auto taken = replay.take(file); !taken) return taken.error();
  }
  replay.tell_end();
  return kSuccess;
}

// Memory allocated in one thread and freed in the other, a megabyte at a time, would fragment the memory
// of both.
void give_back_large_blocks() {
#ifdef __GLIBC__
  constexpr int kLarge = 128 * 1024;
  mallopt(M_MMAP_THRESHOLD, kLarge);
#endif
}

Result<int> replay(Context& context, const Options& options) {
  give_back_large_blocks();
  if (!options.rules.empty() && !options.dry_run)
    return Error{
        "--rules only compares: add --dry-run; to use the rules, name the file in rules.files, and reload"};
  const auto files = in_order_of_first_entry(options.files, context.config().learn.timezone);
  if (!files) return files.error();
  if (!options.rules.empty()) {
    catch_interrupts();
    const ReplayTerms terms{
        .transaction = options.transaction, .go_on = [] { return interrupted == 0; }, .committed = {}};
    return compare_rules(context, options.rules, *files, terms);
  }
  const auto rules = context.rules();
  if (!rules) return rules.error();
  if (!options.dry_run) {
    auto ledger = context.open_or_create(Ledger::Durability::learning);
    if (!ledger) return ledger.error();
    if (auto saved = ledger->save({.stale_after = context.config().learn.policy.stale_after}); !saved)
      return saved.error();
    return replay_into(context, *rules, std::move(*ledger), *files, options);
  }
  const auto copy = TemporaryCopy::make(context.config().database_path);
  if (!copy) return copy.error();
  auto ledger = copy->open();
  if (!ledger) return ledger.error();
  return replay_into(context, *rules, std::move(*ledger), *files, options);
}

}  // namespace

void add_replay(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add(
      "replay", "Learn from old logs, in the order of their first entries; nothing is learned twice",
      [options](Context& context) { return replay(context, *options); });
  command
      ->add_option("FILE", options->files, "Logs, plain or compressed (gzip, xz, zstd); `-`: standard input")
      ->option_text("...")
      ->required();
  command
      ->add_option("--transaction", options->transaction,
                   "Lines per transaction, approximately and at most; other writers wait for its end")
      ->type_name("LINES")
      ->check(positive_number("a number of lines"))
      ->capture_default_str();
  command
      ->add_option(
          "--rules", options->rules,
          "With --dry-run: who would enter and leave the list if these logs were judged by this file, "
          "in place of rules.files")
      ->type_name("FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_flag("--dry-run", options->dry_run, "Learn into a temporary copy, and show what would change");
}

}  // namespace suppressd::ctl
