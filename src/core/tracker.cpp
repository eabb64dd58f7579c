#include "suppressd/core/tracker.h"

#include <algorithm>
#include <unordered_map>

#include "suppressd/core/digest.h"
#include "suppressd/core/text.h"

namespace suppressd {
namespace {

constexpr std::size_t kReplyLimit = 512;
// Lines of one message may stand in the log a little out of order, as several processes write them.
constexpr Duration kDisorder{60};

std::string map_key(std::string_view host, std::string_view queue_id) {
  std::string key;
  key.reserve(host.size() + queue_id.size() + 1);
  key.append(queue_id).append(1, '\0').append(host);
  return key;
}

void describe_failure(Send& send, const Event& event, const Tracker::AttemptFacts& facts, const std::string& operator_domain) {
  send.last_failed = event.at;
  send.deferred = event.status == AttemptStatus::deferred;
  send.category = name_of(facts.judgement.category);
  send.action = name_of(facts.judgement.action);
  send.weak = facts.judgement.weak;
  send.rule = facts.judgement.rule;
  send.code = event.reply.code;
  send.status = format_status(event.logged_status ? event.logged_status : event.reply.status);
  send.stage = name_of(event.reply.stage);
  send.operator_domain = operator_domain;
  send.relay = clean(event.relay.text, 255);
  send.text = clean(event.reply.text, kReplyLimit);
}

Event notice_of(const Event& expired) {
  Event event;
  event.kind = EventKind::entered;
  event.at = expired.at;
  event.key = expired.key;
  event.key.queue_id = expired.notice_id;
  event.sender_known = true;
  event.recipient_count = 1;
  return event;
}

}  // namespace

// A message and its open sends. Messages whose queue id and host are the same (an id that came back, two instances) form a chain.
struct Node {
  Message row;
  std::unordered_map<std::string, Send> sends;
  std::vector<std::string> changed_sends;
  std::vector<std::string> removed_sends;
  bool stored = false;   // a row stands in the database
  bool changed = false;  // the row of `message` differs from it
  bool listed = false;   // stands in State::touched, at `place`
  bool ended = false;    // taken out of the map, waits for take_changes()
  std::size_t place = 0;
  std::unique_ptr<Node> next;
};

struct Tracker::State {
  TrackerSettings settings;
  std::unordered_map<std::string, std::unique_ptr<Node>> messages;
  std::vector<Node*> touched;  // null: ended before it was stored
  std::vector<std::unique_ptr<Node>> ended;
  std::size_t open_messages = 0;

  Node* find(const Event& event);
  Node& create(const Event& event, Time entered);
  void touch(Node& node);
  void change_row(Node& node, Time at);
  void end(Node& node);
  void end_sends(Node& node);
  void drop_send(Node& node, const std::string& address);

  Outcome outcome_of(const Node& node, Outcome::Kind kind, const Event& event, const std::string& address) const;
  Outcome failure_of(const Node& node, const Event& event, const Send& send, std::string_view ended_by) const;
  void attempt(Node& node, const Event& event, const AttemptFacts& facts, const Target& target, std::vector<Outcome>& outcomes);
  void expire(Node& node, const Event& event, std::vector<Outcome>& outcomes);
};

// Same instance before another one's, as a service may have a syslog name of its own; of several the latest that had entered by then.
Node* Tracker::State::find(const Event& event) {
  const auto found = messages.find(map_key(event.key.host, event.key.queue_id));
  if (found == messages.end()) return nullptr;
  Node* same = nullptr;
  Node* other = nullptr;
  int others = 0;
  for (Node* node = found->second.get(); node != nullptr; node = node->next.get()) {
    if (node->row.key.entered > event.at + kDisorder) continue;
    if (node->row.key.instance == event.key.instance) {
      if (same == nullptr || node->row.key.entered > same->row.key.entered) same = node;
    } else {
      other = node;
      ++others;
    }
  }
  if (same != nullptr) return same;
  return others == 1 ? other : nullptr;
}

Node& Tracker::State::create(const Event& event, Time entered) {
  auto node = std::make_unique<Node>();
  node->row.key = {std::string{event.key.host}, std::string{event.key.instance}, std::string{event.key.queue_id}, entered};
  auto& head = messages[map_key(event.key.host, event.key.queue_id)];
  node->next = std::move(head);
  head = std::move(node);
  ++open_messages;
  change_row(*head, event.at);
  return *head;
}

void Tracker::State::touch(Node& node) {
  if (node.listed) return;
  node.listed = true;
  node.place = touched.size();
  touched.push_back(&node);
}

void Tracker::State::change_row(Node& node, Time at) {
  node.row.last_line = std::max(node.row.last_line, at);
  node.changed = true;
  touch(node);
}

void Tracker::State::end(Node& node) {
  const auto found = messages.find(map_key(node.row.key.host, node.row.key.queue_id));
  std::unique_ptr<Node>* link = &found->second;
  while (link->get() != &node) link = &(*link)->next;
  auto taken = std::move(*link);
  *link = std::move(taken->next);
  if (!found->second) messages.erase(found);
  --open_messages;
  if (!taken->stored) {  // it came and went between two commits
    if (taken->listed) touched[taken->place] = nullptr;
    return;
  }
  taken->ended = true;
  touch(*taken);
  ended.push_back(std::move(taken));
}

void Tracker::State::drop_send(Node& node, const std::string& address) {
  if (node.sends.erase(address) == 0) return;
  node.removed_sends.push_back(address);
  touch(node);
}

void Tracker::State::end_sends(Node& node) {
  while (!node.sends.empty()) drop_send(node, std::string{node.sends.begin()->first});
}

Outcome Tracker::State::outcome_of(const Node& node, Outcome::Kind kind, const Event& event, const std::string& address) const {
  Outcome outcome;
  outcome.kind = kind;
  auto& evidence = outcome.evidence;
  evidence.address = address;
  evidence.at = event.at;
  evidence.what = "delivered";
  evidence.origin = "log";
  evidence.host = node.row.key.host;
  evidence.instance = node.row.key.instance;
  evidence.queue_id = node.row.key.queue_id;
  evidence.entered = node.row.key.entered;
  if (event.delay && event.at - *event.delay < *evidence.entered) evidence.entered = event.at - *event.delay;
  evidence.sender = node.row.sender;
  outcome.message = node.row.message;
  return outcome;
}

Outcome Tracker::State::failure_of(const Node& node, const Event& event, const Send& send, std::string_view ended_by) const {
  auto outcome = outcome_of(node, Outcome::Kind::failed, event, send.address);
  outcome.action = action_from(send.action).value_or(Action::none);
  outcome.weak = send.weak;
  auto& evidence = outcome.evidence;
  evidence.what = "failed";
  evidence.first_failed = send.first_failed;
  evidence.attempts = send.attempts;
  evidence.ended_by = ended_by;
  evidence.category = send.category;
  evidence.action = send.action;
  evidence.weak = send.weak;
  evidence.rule = send.rule;
  evidence.code = send.code;
  evidence.status = send.status;
  evidence.stage = send.stage;
  evidence.operator_domain = send.operator_domain;
  evidence.relay = send.relay;
  evidence.text = send.text;
  return outcome;
}

void Tracker::State::attempt(Node& node, const Event& event, const AttemptFacts& facts, const Target& target,
                             std::vector<Outcome>& outcomes) {
  const auto& address = target.address;
  const bool silent = node.row.null_sender || facts.handed_over || facts.our_echo;
  if (event.status != AttemptStatus::deferred && node.row.recipients > 0) {
    ++node.row.ended;
    change_row(node, event.at);
  }
  if (event.status == AttemptStatus::sent) {
    if (!silent) {
      auto outcome = outcome_of(node, facts.relayed ? Outcome::Kind::relayed : Outcome::Kind::delivered, event, address);
      outcome.evidence.operator_domain = target.operator_domain;
      outcome.evidence.relay = clean(event.relay.text, 255);
      outcome.evidence.text = clean(event.reply.text, kReplyLimit);
      outcomes.push_back(std::move(outcome));
    }
    drop_send(node, address);
    return;
  }
  if (silent) {
    if (event.status == AttemptStatus::bounced) drop_send(node, address);
    return;
  }

  if (event.status == AttemptStatus::bounced) {
    const auto open = node.sends.find(address);
    Send send = open != node.sends.end() ? open->second : Send{.address = address, .first_failed = event.at};
    ++send.attempts;
    describe_failure(send, event, facts, target.operator_domain);
    // A send that the retry window has failed already fails only once, but that the mailbox is dead is news all the same.
    if (!send.counted || facts.judgement.action == Action::hard) outcomes.push_back(failure_of(node, event, send, "bounced"));
    drop_send(node, address);
    return;
  }

  auto& send = node.sends.try_emplace(address, Send{.address = address, .first_failed = event.at}).first->second;
  ++send.attempts;
  describe_failure(send, event, facts, target.operator_domain);
  if (!send.counted && send.attempts >= settings.retry_attempts && event.at - send.first_failed >= settings.retry_window) {
    send.counted = true;
    outcomes.push_back(failure_of(node, event, send, "window"));
  }
  node.changed_sends.push_back(address);
  change_row(node, event.at);
}

void Tracker::State::expire(Node& node, const Event& event, std::vector<Outcome>& outcomes) {
  std::vector<const Send*> failed;
  for (const auto& [address, send] : node.sends)
    if (send.deferred && !send.counted) failed.push_back(&send);
  std::sort(failed.begin(), failed.end(), [](const Send* a, const Send* b) { return a->address < b->address; });
  for (const Send* send : failed) outcomes.push_back(failure_of(node, event, *send, "expired"));
  end_sends(node);
}

Tracker::Tracker(TrackerSettings settings) : state_(std::make_unique<State>()) {
  state_->settings = settings;
}
Tracker::~Tracker() = default;
Tracker::Tracker(Tracker&&) noexcept = default;
Tracker& Tracker::operator=(Tracker&&) noexcept = default;

void Tracker::take(const Event& event, const AttemptFacts& facts, const std::vector<Target>& targets, std::vector<Outcome>& outcomes) {
  auto& state = *state_;
  Node* node = state.find(event);
  switch (event.kind) {
    case EventKind::entered: {
      if (node != nullptr) state.end(*node);
      if (event.from_client) return;  // nothing is queued before cleanup has it
      auto& fresh = state.create(event, event.at);
      fresh.row.recipients = event.recipient_count.value_or(0);
      if (state.settings.keep_message_ids) fresh.row.message = message_digest(event.message_id);
      node = &fresh;
      if (!event.sender_known) return;
      [[fallthrough]];
    }
    case EventKind::sender: {
      if (node == nullptr) node = &state.create(event, event.at);
      node->row.sender_known = true;
      node->row.null_sender = event.sender.empty();
      node->row.sender = clean(event.sender, 320);
      if (node->row.null_sender) state.end_sends(*node);
      state.change_row(*node, event.at);
      return;
    }
    case EventKind::attempt: {
      if (node == nullptr) node = &state.create(event, event.at - event.delay.value_or(Duration{0}));
      for (const auto& target : targets)
        if (!target.address.empty()) state.attempt(*node, event, facts, target, outcomes);
      if (node->row.recipients > 0 && node->row.ended >= node->row.recipients) state.end(*node);
      return;
    }
    case EventKind::expired: {
      if (node != nullptr) {
        state.expire(*node, event, outcomes);
        // Sendmail says nothing more of a message that it returned; Postfix says `removed`.
        if (node->row.recipients > 0) state.end(*node);
      }
      if (!event.notice_id.empty()) take(notice_of(event), facts, targets, outcomes);
      return;
    }
    case EventKind::force_expired:
      if (node != nullptr) state.end_sends(*node);
      return;
    case EventKind::removed:
      if (node != nullptr) state.end(*node);
      return;
  }
}

void Tracker::sweep(Time now) {
  auto& state = *state_;
  std::vector<Node*> silent;
  for (auto& [key, head] : state.messages)
    for (Node* node = head.get(); node != nullptr; node = node->next.get())
      if (node->row.last_line + state.settings.silence < now) silent.push_back(node);
  for (Node* node : silent) state.end(*node);
}

TrackerChanges Tracker::take_changes() {
  auto& state = *state_;
  TrackerChanges changes;
  for (Node* node : state.touched) {
    if (node == nullptr) continue;
    node->listed = false;
    if (node->ended) {
      changes.removed.push_back(node->row.key);
      continue;
    }
    if (node->changed || !node->stored) changes.messages.push_back(&node->row);
    for (auto& address : node->removed_sends)
      if (!node->sends.contains(address)) changes.removed_sends.emplace_back(node->row.key, std::move(address));
    std::sort(node->changed_sends.begin(), node->changed_sends.end());
    node->changed_sends.erase(std::unique(node->changed_sends.begin(), node->changed_sends.end()), node->changed_sends.end());
    for (const auto& address : node->changed_sends)
      if (const auto send = node->sends.find(address); send != node->sends.end()) changes.sends.emplace_back(&node->row, &send->second);
    node->removed_sends.clear();
    node->changed_sends.clear();
    node->changed = false;
    node->stored = true;
  }
  state.touched.clear();
  state.ended.clear();
  return changes;
}

void Tracker::load(std::vector<StoredMessage> messages) {
  auto settings = state_->settings;
  state_ = std::make_unique<State>();
  state_->settings = settings;
  for (auto& stored : messages) {
    auto node = std::make_unique<Node>();
    node->stored = true;
    node->row = std::move(stored.message);
    for (auto& send : stored.sends) {
      auto address = send.address;
      node->sends.emplace(std::move(address), std::move(send));
    }
    auto& head = state_->messages[map_key(node->row.key.host, node->row.key.queue_id)];
    node->next = std::move(head);
    head = std::move(node);
    ++state_->open_messages;
  }
}

std::size_t Tracker::open_messages() const {
  return state_->open_messages;
}

std::size_t Tracker::open_sends() const {
  std::size_t sends = 0;
  for (const auto& [key, head] : state_->messages)
    for (const Node* node = head.get(); node != nullptr; node = node->next.get()) sends += node->sends.size();
  return sends;
}

}  // namespace suppressd
