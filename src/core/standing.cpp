// Which events count (fold.h).
#include <algorithm>

#include "suppressd/core/fold.h"

namespace suppressd {
namespace {

using Pointers = std::vector<const ListEvent*>;

// The undos and reverts that may be about an address.
class Acts {
 public:
  Acts(std::span<const ListEvent> events, const FoldInput& input) : domain_(input.domain) {
    for (const auto& event : events) add(event);
    for (const auto& act : input.list_acts) add(act);
  }

  // An act stands unless a revert that stands names it. A revert names an older act, so this ends;
  // `depth` ends it for invalid data, too.
  bool stands(const EventId& act) const { return stands(act, 0); }

  bool undone(const EventId& failure, const FailureDetails& details) const {
    return std::any_of(undos_.begin(), undos_.end(), [&](const ListEvent* undo) {
      return takes_out(*undo->undo(), failure, details) && before(failure, undo->id) && stands(undo->id);
    });
  }

 private:
  void add(const ListEvent& event) {
    if (event.undo() != nullptr) undos_.push_back(&event);
    if (event.revert() != nullptr) reverts_.push_back(&event);
  }

  bool stands(const EventId& act, std::size_t depth) const {
    if (depth > reverts_.size()) return true;
    return std::none_of(reverts_.begin(), reverts_.end(), [&](const ListEvent* revert) {
      return revert->revert()->names(act) && stands(revert->id, depth + 1);
    });
  }

  bool takes_out(const UndoDetails& undo, const EventId& failure, const FailureDetails& details) const {
    return failure.ended >= undo.since && failure.ended < undo.until &&
           (undo.provider.empty() || undo.provider == details.provider) &&
           (!undo.category || *undo.category == details.category) &&
           (undo.rule.empty() || undo.rule == details.rule) &&
           (undo.domain.empty() || undo.domain == domain_) &&
           (undo.text.empty() || undo.text == details.reply) &&
           (undo.campaign.empty() || undo.campaign == details.campaign) &&
           (undo.source.empty() || undo.source == details.source) &&
           (undo.account.empty() || undo.account == details.account);
  }

  std::string_view domain_;  // of the address
  Pointers undos_;
  Pointers reverts_;
};

bool taken_back(const EventId& delivery, const Pointers& take_backs, Duration report_window) {
  return std::any_of(take_backs.begin(), take_backs.end(), [&](const ListEvent* report) {
    return is_about(report->id, delivery) && report->id.ended - delivery.ended <= report_window;
  });
}

}  // namespace

std::vector<const ListEvent*> standing(std::span<const ListEvent> events, const FoldInput& input) {
  const Acts acts(events, input);
  Pointers take_backs;
  for (const auto& event : events)
    if (event.id.kind == ListEventKind::take_back) take_backs.push_back(&event);

  const auto counts = [&](const ListEvent& event) {
    switch (event.id.kind) {
      case ListEventKind::failure:
        return event.failure() != nullptr && !acts.undone(event.id, *event.failure());
      case ListEventKind::delivery:
        return !taken_back(event.id, take_backs, input.settings.at(event.id.ended).report_window);
      case ListEventKind::complaint:
        return true;
      case ListEventKind::lift:
      case ListEventKind::confirm:
      case ListEventKind::add:
      case ListEventKind::reconfirm:
        return acts.stands(event.id);
      case ListEventKind::take_back:
      case ListEventKind::undo:
      case ListEventKind::revert:
        break;
    }
    return false;
  };
  Pointers found;
  found.reserve(events.size());
  for (const auto& event : events)
    if (counts(event)) found.push_back(&event);
  const auto earlier = [](const ListEvent* a, const ListEvent* b) { return before(a->id, b->id); };
  if (!std::is_sorted(found.begin(), found.end(), earlier)) std::sort(found.begin(), found.end(), earlier);
  return found;
}

}  // namespace suppressd
