#include "probe_watch.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "suppressd/core/tags.h"

namespace suppressd {
namespace {

// Lines and the milter's clock are in whole seconds.
constexpr Duration kRounding{5};
// A later entry under the same queue id is another message.
constexpr Duration kAnother{60};

bool is_about(const Outcome& outcome, const Probe& probe) {
  return outcome.message.queue_id == probe.queue_id && outcome.address == probe.recipient &&
         outcome.at + kRounding >= probe.since && outcome.ended_by != EndedBy::window;
}

bool is_gone(const ProbeLine& line, const Probe& probe) {
  if (line.what == ProbeLine::What::removed) return line.at + kRounding >= probe.since;
  return line.what == ProbeLine::What::entered && line.at > probe.since + kAnother;
}

bool is_message_of(const MessageKey& message, const Probe& probe) {
  return message.queue_id == probe.queue_id && message.entered <= probe.since + kRounding &&
         message.entered >= probe.since - kProbeEntered;
}

struct Standing {
  bool settled = false;
  bool moved = false;
};

Standing standing_after(Probe& probe, const std::vector<Outcome>& outcomes,
                        const std::vector<ProbeLine>& lines) {
  Standing standing;
  for (const auto& line : lines) {
    if (line.queue_id != probe.queue_id) continue;
    if (line.what == ProbeLine::What::handed_over) {
      if (line.address != probe.recipient || line.next_id.empty() || line.at + kRounding < probe.since)
        continue;
      probe.queue_id = line.next_id;
      probe.since = line.at;
      standing.moved = true;
    } else if (is_gone(line, probe)) {
      standing.settled = true;
    }
  }
  standing.settled = standing.settled || std::ranges::any_of(outcomes, [&](const Outcome& outcome) {
                       return is_about(outcome, probe);
                     });
  return standing;
}

}  // namespace

void ProbeWatch::take(const Event& event, const Tracker::AttemptFacts& facts,
                      const std::vector<Tracker::Target>& targets, std::vector<ProbeLine>& lines) {
  ProbeLine line{.at = event.at, .queue_id = std::string(event.key.queue_id), .address = {}, .next_id = {}};
  switch (event.kind()) {
    case EventKind::removed:
      lines.push_back(std::move(line));
      break;
    case EventKind::entered:
      line.what = ProbeLine::What::entered;
      lines.push_back(std::move(line));
      break;
    case EventKind::attempt: {
      if (!facts.handed_over || event.attempt().status != AttemptStatus::sent) break;
      line.what = ProbeLine::What::handed_over;
      line.next_id = queued_as(event.attempt().reply.text);
      if (!line.next_id.empty()) queue_ids_.insert(line.next_id);
      for (const auto& target : targets) {
        line.address = target.address;
        lines.push_back(line);
      }
      break;
    }
    case EventKind::sender:
    case EventKind::expired:
    case EventKind::force_expired:
      break;
  }
}

void OpenProbes::load(std::vector<Probe> probes) {
  by_address_.clear();
  by_queue_id_.clear();
  for (auto& probe : probes) add(std::move(probe));
}

void OpenProbes::add(Probe probe) {
  if (const auto known = by_address_.find(probe.address); known != by_address_.end()) take_out(known->second);
  if (!probe.queue_id.empty()) by_queue_id_.emplace(probe.queue_id, probe.address);
  auto address = probe.address;
  by_address_.insert_or_assign(std::move(address), std::move(probe));
}

std::vector<std::string> OpenProbes::queue_ids() const {
  std::vector<std::string> ids;
  ids.reserve(by_queue_id_.size());
  for (const auto& [queue_id, address] : by_queue_id_) ids.push_back(queue_id);
  return ids;
}

std::vector<std::string> OpenProbes::addresses_of(std::string_view queue_id) const {
  std::vector<std::string> addresses;
  const auto [begin, end] = by_queue_id_.equal_range(queue_id);
  for (auto place = begin; place != end; ++place) addresses.push_back(place->second);
  return addresses;
}

void OpenProbes::take_out(const Probe& probe) {
  const auto [begin, end] = by_queue_id_.equal_range(probe.queue_id);
  for (auto place = begin; place != end; ++place) {
    if (place->second != probe.address) continue;
    by_queue_id_.erase(place);
    return;
  }
}

Status OpenProbes::remove(Batch& batch, const Probe& probe) {
  const auto address = probe.address;
  if (auto removed = batch.remove_probe(address); !removed) return removed;
  take_out(probe);
  by_address_.erase(address);
  return {};
}

Status OpenProbes::settle(Batch& batch, const std::vector<Outcome>& outcomes,
                          const std::vector<ProbeLine>& lines) {
  if (by_queue_id_.empty()) return {};
  std::vector<std::string> told;
  const auto tell = [&](std::string_view queue_id) {
    auto addresses = addresses_of(queue_id);
    std::ranges::move(addresses, std::back_inserter(told));
  };
  for (const auto& line : lines) tell(line.queue_id);
  for (const auto& outcome : outcomes) tell(outcome.message.queue_id);
  std::ranges::sort(told);
  const auto [first, last] = std::ranges::unique(told);
  told.erase(first, last);
  for (const auto& address : told) {
    auto probe = by_address_.at(address);
    const auto [settled, moved] = standing_after(probe, outcomes, lines);
    if (settled) {
      if (auto removed = remove(batch, by_address_.at(address)); !removed) return removed;
    } else if (moved) {
      if (auto saved = batch.save(probe); !saved) return saved;
      add(std::move(probe));
    }
  }
  return {};
}

Status OpenProbes::settle(Batch& batch, const TrackerChanges& tracked) {
  if (by_queue_id_.empty()) return {};
  for (const auto& message : tracked.removed)
    for (const auto& address : addresses_of(message.queue_id))
      if (const auto& probe = by_address_.at(address); is_message_of(message, probe))
        if (auto removed = remove(batch, probe); !removed) return removed;
  return {};
}

}  // namespace suppressd
