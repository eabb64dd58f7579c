#include "probe_watch.h"

#include <algorithm>

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

void ProbeWatch::watch(const std::vector<Probe>& probes) {
  queue_ids_.clear();
  for (const auto& probe : probes)
    if (!probe.queue_id.empty()) queue_ids_.insert(probe.queue_id);
}

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

Status settle_probes(Batch& batch, std::vector<Probe>& probes, const std::vector<Outcome>& outcomes,
                     const std::vector<ProbeLine>& lines) {
  for (auto probe = probes.begin(); probe != probes.end();) {
    const auto [settled, moved] = standing_after(*probe, outcomes, lines);
    if (!settled) {
      if (moved)
        if (auto saved = batch.save(*probe); !saved) return saved;
      ++probe;
      continue;
    }
    if (auto removed = batch.remove_probe(probe->address); !removed) return removed;
    probe = probes.erase(probe);
  }
  return {};
}

Status settle_probes(Batch& batch, std::vector<Probe>& probes, const TrackerChanges& tracked) {
  for (auto probe = probes.begin(); probe != probes.end();) {
    const bool gone = std::ranges::any_of(
        tracked.removed, [&](const MessageKey& message) { return is_message_of(message, *probe); });
    if (!gone) {
      ++probe;
      continue;
    }
    if (auto removed = batch.remove_probe(probe->address); !removed) return removed;
    probe = probes.erase(probe);
  }
  return {};
}

}  // namespace suppressd
