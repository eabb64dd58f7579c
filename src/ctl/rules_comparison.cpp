#include "rules_comparison.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "suppressd/config/rules_file.h"
#include "suppressd/core/list_event.h"
#include "suppressd/learn/ledger_cursors.h"

#include "json.h"
#include "program.h"
#include "progress.h"
#include "temporary_copy.h"

namespace suppressd::ctl {
namespace {

/// Of the entry that decides about an address.
struct Standing {
  SuppressionKind kind = SuppressionKind::manual;
  bool pending = false;
  bool permanent = false;
  std::string category;
  std::string rule;
  std::int64_t evidence_id = 0;

  /// Other rules may give the same verdict.
  bool same_verdict(const Standing& other) const {
    return kind == other.kind && pending == other.pending && permanent == other.permanent &&
           category == other.category;
  }
};

using List = std::map<std::string, Standing>;

/// The list that one set of rules makes of the logs.
class Made {
 public:
  static Result<Made> make(const Context& context, const Ruleset& rules, const std::vector<std::string>& logs,
                           ReplayTerms terms, const std::string& name) {
    auto copy = TemporaryCopy::make(context.config().database_path);
    if (!copy) return copy.error();
    {
      auto ledger = copy->open();
      if (!ledger) return ledger.error();
      if (auto forgotten = ledger->forget_learned(); !forgotten) return forgotten.error();
      if (auto read = learn(context, rules, *ledger, logs, std::move(terms), name); !read)
        return read.error();
    }
    auto reader = copy->open_for_reading();
    if (!reader) return reader.error();
    return Made(std::move(*copy), std::move(*reader));
  }

  Result<List> list(Time now) {
    List entries;
    for (const bool pending : {false, true}) {
      const auto listed =
          reader_.each_entry({.pending = pending}, now, [&](const Suppression& entry, std::int64_t) {
            const Standing standing{.kind = entry.kind,
                                    .pending = pending,
                                    .permanent = !entry.until,
                                    .category = entry.category,
                                    .rule = entry.rule,
                                    .evidence_id = entry.evidence_id};
            const auto [place, is_new] = entries.try_emplace(entry.address, standing);
            if (!is_new && place->second.pending == pending && entry.kind < place->second.kind)
              place->second = standing;
          });
      if (!listed) return listed.error();
    }
    return entries;
  }

  Result<std::vector<Evidence>> evidence_of(const std::string& address, Time now) {
    auto story = reader_.story(address, now);
    if (!story) return story.error();
    return std::move(story->evidence);
  }

 private:
  Made(TemporaryCopy copy, Reader reader) : copy_(std::move(copy)), reader_(std::move(reader)) {}

  static Status learn(const Context& context, const Ruleset& rules, Ledger& ledger,
                      const std::vector<std::string>& logs, ReplayTerms terms, const std::string& name) {
    LedgerCursors cursors(ledger);
    Learner learner(
        context.config().learn, rules, ledger, [](const Change&) {}, [now = context.now()] { return now; });
    Progress progress;
    for (const auto& path : logs) {
      terms.committed = [&](const auto& reached) {
        progress.show(name + ": " + path, reached.read, reached.total, learner.counters().lines);
      };
      const auto log = learner.replay(path, cursors, terms);
      if (!log) return log.error();
      if (log->interrupted) return Error{"interrupted; nothing was changed"};
    }
    return {};
  }

  TemporaryCopy copy_;  ///< Outlives the connection to it.
  Reader reader_;
};

Json json_of(const std::optional<Standing>& standing) {
  if (!standing) return nullptr;
  Json json;
  json["kind"] = name_of(standing->kind);
  json["state"] = standing->pending ? "pending" : "active";
  json["category"] = standing->category;
  json["rule"] = standing->rule;
  json["permanent"] = standing->permanent;
  return json;
}

Json json_of(const Evidence* evidence) {
  if (evidence == nullptr) return nullptr;
  const auto& judgement = evidence->outcome.reason.judgement;
  Json json;
  json["category"] = name_of(judgement.category);
  json["action"] = name_of(judgement.action);
  json["rule"] = judgement.rule;
  return json;
}

std::string words_of(const std::optional<Standing>& standing) {
  if (!standing) return "not listed";
  std::string words(name_of(standing->kind));
  if (!standing->category.empty() && standing->category != words) words += " " + standing->category;
  if (standing->pending) return words + ", pending";
  return words + (standing->permanent ? "" : ", for a time");
}

std::string words_of(const Evidence* evidence) {
  if (evidence == nullptr) return "no failure";
  const auto& judgement = evidence->outcome.reason.judgement;
  std::string words(name_of(judgement.category));
  words.append(" (").append(name_of(judgement.action));
  return words + (judgement.rule.empty() ? ")" : ", rule " + judgement.rule + ")");
}

const Evidence* with_id(const std::vector<Evidence>& all, std::int64_t id) {
  const auto found = std::ranges::find(all, id, &Evidence::id);
  return found == all.end() ? nullptr : &*found;
}

const Evidence* of_same_event(const std::vector<Evidence>& all, const Evidence* event) {
  if (event == nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      all, [&](const Evidence& evidence) { return same_event(evidence.outcome, event->outcome); });
  return found == all.end() ? nullptr : &*found;
}

/// What became of an address, and the failure that explains it, as either set of rules judges it.
class Comparison {
 public:
  Comparison(Context& context, Made& present, Made& other)
      : out_(context.out()), now_(context.now()), present_(present), other_(other) {}

  Status compare() {
    auto before = present_.list(now_);
    if (!before) return before.error();
    auto after = other_.list(now_);
    if (!after) return after.error();
    for (const auto& [address, standing] : *after) {
      const auto found = before->find(address);
      const auto was = found == before->end() ? std::nullopt : std::optional(found->second);
      if (was) before->erase(found);
      if (was && was->same_verdict(standing)) {
        ++stay_;
        continue;
      }
      if (auto told = tell(address, was, standing); !told) return told;
    }
    for (const auto& [address, standing] : *before)
      if (auto told = tell(address, standing, std::nullopt); !told) return told;
    return {};
  }

  void finish() const {
    if (out_.json()) {
      Json json;
      json["dry_run"] = true;
      json["enter"] = enter_;
      json["leave"] = leave_;
      json["change"] = change_;
      json["stay"] = stay_;
      out_.object(json);
      return;
    }
    out_.line(count_of(enter_, "address", "addresses") + " would enter the list, " + std::to_string(leave_) +
              " would leave it, " + std::to_string(change_) + " would change, " + std::to_string(stay_) +
              " would stay as they are; nothing was changed");
  }

 private:
  Status tell(const std::string& address, const std::optional<Standing>& was,
              const std::optional<Standing>& is) {
    const auto before = present_.evidence_of(address, now_);
    if (!before) return before.error();
    const auto after = other_.evidence_of(address, now_);
    if (!after) return after.error();
    const auto* now = is ? with_id(*after, is->evidence_id) : nullptr;
    const auto* then = is ? of_same_event(*before, now) : with_id(*before, was->evidence_id);
    if (!is) now = of_same_event(*after, then);
    const bool refused_before = was && !was->pending;
    const bool refused_after = is && !is->pending;
    const auto* what = refused_after && !refused_before   ? "enters"
                       : refused_before && !refused_after ? "leaves"
                                                          : "changes";
    ++(refused_after && !refused_before ? enter_ : refused_before && !refused_after ? leave_ : change_);
    const auto* said = now != nullptr ? now : then;
    if (out_.json()) {
      Json json;
      json["address"] = address;
      json["change"] = what;
      json["present"] = json_of(was);
      json["new"] = json_of(is);
      json["present_judgement"] = json_of(then);
      json["new_judgement"] = json_of(now);
      json["queue_id"] = said != nullptr ? Json(said->outcome.message.queue_id) : Json(nullptr);
      json["text"] = said != nullptr ? Json(said->outcome.reason.text) : Json(nullptr);
      out_.object(json);
      return {};
    }
    std::string line = what;
    line.append(7 - line.size(), ' ').append("  ").append(address).append("  ");
    line += words_of(was) + " -> " + words_of(is);
    if (said != nullptr)
      line += "; judged " + words_of(then) + " -> " + words_of(now) + ": " + said->outcome.reason.text;
    out_.line(line);
    return {};
  }

  Output& out_;
  Time now_;
  Made& present_;
  Made& other_;
  std::size_t enter_ = 0;
  std::size_t leave_ = 0;
  std::size_t change_ = 0;
  std::size_t stay_ = 0;
};

}  // namespace

Result<int> compare_rules(Context& context, const std::vector<std::string>& rules,
                          const std::vector<std::string>& logs, const ReplayTerms& terms) {
  if (std::ranges::find(logs, "-") != logs.end())
    return Error{"--rules reads the logs twice, and standard input can be read once only: name a file"};
  const auto present_rules = context.rules();
  if (!present_rules) return present_rules.error();
  const auto other_rules = load_rules(rules, context.config().learn.actions);
  if (!other_rules) return other_rules.error();
  auto present = Made::make(context, *present_rules, logs, terms, "present rules");
  if (!present) return present.error();
  auto other = Made::make(context, *other_rules, logs, terms, "new rules");
  if (!other) return other.error();
  Comparison comparison(context, *present, *other);
  if (auto compared = comparison.compare(); !compared) return compared.error();
  comparison.finish();
  return kSuccess;
}

}  // namespace suppressd::ctl
