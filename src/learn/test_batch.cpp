#include "test_batch.h"

#include <algorithm>
#include <utility>

namespace suppressd {
namespace {

// Lines and the milter's clock are in whole seconds.
constexpr Duration kRounding{5};

bool is_about(const Outcome& outcome, const TestMessage& message) {
  const auto entered = outcome.message.entered;
  return entered <= message.since + kRounding && entered >= message.since - kProbeEntered;
}

bool ends_send(const Outcome& outcome) {
  return outcome.origin == Origin::log && outcome.kind != OutcomeKind::complaint &&
         outcome.ended_by != EndedBy::window;
}

bool is_harmful(const Outcome& outcome) {
  return outcome.kind == OutcomeKind::complaint ||
         (outcome.kind == OutcomeKind::failed && outcome.reason.judgement.action == Action::hard);
}

}  // namespace

Status TestBatch::load(Batch& batch) {
  clear();
  auto stored = batch.test_messages();
  if (!stored) return stored.error();
  messages_ = std::move(*stored);
  index();
  return {};
}

void TestBatch::clear() {
  messages_.clear();
  by_queue_id_.clear();
}

void TestBatch::index() {
  by_queue_id_.clear();
  for (std::size_t i = 0; i < messages_.size(); ++i) by_queue_id_.emplace(messages_[i].queue_id, i);
}

Status TestBatch::follow(Batch& batch, const std::vector<ProbeLine>& lines) {
  if (empty()) return {};
  for (const auto& line : lines) {
    if (line.what != ProbeLine::What::handed_over || line.next_id.empty()) continue;
    bool moved = false;
    for (auto& message : messages_) {
      if (message.queue_id != line.queue_id || line.at + kRounding < message.since) continue;
      if (auto saved = batch.move(message, line.next_id, line.at); !saved) return saved;
      message.queue_id = line.next_id;
      message.since = line.at;
      moved = true;
    }
    if (moved) index();
  }
  return {};
}

Status TestBatch::take(Batch& batch, const Outcome& outcome) {
  if (empty()) return {};
  const auto [first, last] = by_queue_id_.equal_range(outcome.message.queue_id);
  for (auto found = first; found != last; ++found) {
    auto& message = messages_[found->second];
    if (!is_about(outcome, message)) continue;
    const auto before = message;
    if (ends_send(outcome)) message.ended = std::min(message.recipients, message.ended + 1);
    if (is_harmful(outcome) && std::ranges::find(message.failed, outcome.address) == message.failed.end())
      message.failed.push_back(outcome.address);
    if (message == before) continue;
    if (auto saved = batch.save(message); !saved) return saved;
  }
  return {};
}

Status TestBatch::finish(Batch& batch, const std::vector<ProbeLine>& lines) {
  if (empty()) return {};
  for (const auto& line : lines) {
    if (line.what != ProbeLine::What::removed) continue;
    for (auto& message : messages_) {
      if (message.queue_id != line.queue_id || line.at + kRounding < message.since ||
          message.ended == message.recipients)
        continue;
      message.ended = message.recipients;
      if (auto saved = batch.save(message); !saved) return saved;
    }
  }
  return {};
}

}  // namespace suppressd
