#include "suppressd/core/tracker.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>

#include "suppressd/base/digest.h"
#include "suppressd/base/text.h"
#include "suppressd/core/address.h"

namespace suppressd {
namespace {

// Lines of one message may be a little out of order in the log, as several processes write them.
constexpr Duration kDisorder{60};
// Two times of one message's entry differ by at most this: `delay=` is in whole seconds, and a line
// takes some time to reach the log.
constexpr Duration kSameEntry{5};

// When the message of an attempt entered the queue, by the MTA's own count.
Time entry_told_by(const Event& event) {
  return event.at - event.attempt().delay.value_or(Duration{0});
}

void describe_failure(Send& send, const Event& event, const Tracker::Target& target) {
  const bool again = send.attempts > 0 && event.at < send.last_failed;
  if (again && event.attempt().status == AttemptStatus::deferred) {
    // A line that is read again, because logs overlap, contains nothing new. If it is older than all that is
    // known, the log is read from further back than before: the lines that are known come again, too.
    if (event.at >= send.first_failed) return;
    send = {.first_failed = event.at};
  }
  if (send.attempts == 0 || event.at > send.last_failed) ++send.attempts;
  send.last_failed = event.at;
  send.deferred = event.attempt().status == AttemptStatus::deferred;
  send.reason = target.reason;
}

// The bounce that an expiry creates: a message with the null sender and one recipient.
Event notice_of(const Event& expired, std::string_view queue_id) {
  return {.at = expired.at,
          .key = {expired.key.host, expired.key.instance, queue_id},
          .what = MessageEntered{.recipient_count = 1, .sender = ""}};
}

}  // namespace

struct OpenSend {
  Send row;                 // without its address, which is the key of OpenSends
  std::uint32_t place = 0;  // index in SendChanges::changed, plus 1; 0: it is not in there
};

using OpenSends = std::map<std::string, OpenSend, std::less<>>;  // by address

struct SendChanges {
  std::vector<OpenSends::value_type*> changed;  // null: ended
  std::vector<std::string> removed;
};

// A message and its open sends. Messages with equal queue id and host (an id that was used again,
// two instances) form a chain. Most messages come and go without a failure.
struct Node {
  std::unique_ptr<Node> next;
  Message row;
  OpenSends sends;
  std::unique_ptr<SendChanges> changes;
  bool stored = false;   // it has a row in the database
  bool changed = false;  // `row` differs from the row in the database
  bool listed = false;   // it is in State::touched, at `place`
  bool ended = false;    // removed from `messages`, waits for take_changes()
  std::uint32_t place = 0;

  SendChanges& change() {
    if (!changes) changes = std::make_unique<SendChanges>();
    return *changes;
  }
};

// How many open sends have failed attempts, by address and by `@domain`. Those that failed by the retry
// window are not among them: they have failed.
class FailingSends {
 public:
  void count(std::string_view address, const Send& send, int by) {
    if (send.counted) return;
    count(address, by);
    count(whole_domain_of(address), by);
  }
  /// To the domain's other addresses.
  int beside(std::string_view address) const { return of(whole_domain_of(address)) - of(address); }

 private:
  int of(std::string_view key) const {
    const auto known = sends_.find(key);
    return known != sends_.end() ? known->second : 0;
  }
  void count(std::string_view key, int by) {
    const auto known = sends_.find(key);
    if (known == sends_.end())
      sends_.emplace(std::string(key), by);
    else if ((known->second += by) == 0)
      sends_.erase(known);
  }

  std::unordered_map<std::string, int, TextHash, std::equal_to<>> sends_;
};

// Messages by queue id and host: a hash table with open addressing, as every line of a log looks
// into it.
class Chains {
 public:
  Node* first(std::string_view queue_id, std::string_view host) const {
    if (slots_.empty()) return nullptr;
    return slots_[place_of(hash_of(queue_id), queue_id, host)].first.get();
  }

  /// Messages with this queue id, of all hosts.
  template <typename Visit>
  void each_of(std::string_view queue_id, Visit&& visit) const {
    if (slots_.empty()) return;
    const auto hash = hash_of(queue_id);
    for (auto place = hash & (slots_.size() - 1); slots_[place].first; place = after(place)) {
      if (slots_[place].hash != hash || slots_[place].first->row.key.queue_id != queue_id) continue;
      for (Node* node = slots_[place].first.get(); node != nullptr; node = node->next.get()) visit(*node);
    }
  }

  Node& add(std::unique_ptr<Node> node) {
    if ((chains_ + 1) * 2 > slots_.size()) grow();
    const auto& key = node->row.key;
    const auto hash = hash_of(key.queue_id);
    Slot& slot = slots_[place_of(hash, key.queue_id, key.host)];
    if (!slot.first) ++chains_;
    slot.hash = hash;
    node->next = std::move(slot.first);
    slot.first = std::move(node);
    return *slot.first;
  }

  std::unique_ptr<Node> remove(Node& node) {
    const auto& key = node.row.key;
    const auto place = place_of(hash_of(key.queue_id), key.queue_id, key.host);
    std::unique_ptr<Node>* link = &slots_[place].first;
    while (link->get() != &node) link = &(*link)->next;
    auto removed = std::move(*link);
    *link = std::move(removed->next);
    if (!slots_[place].first) close_up(place);
    return removed;
  }

  template <typename Visit>
  void each(Visit&& visit) const {
    for (const Slot& slot : slots_)
      for (Node* node = slot.first.get(); node != nullptr; node = node->next.get()) visit(*node);
  }

 private:
  struct Slot {
    std::size_t hash = 0;
    std::unique_ptr<Node> first;
  };

  // Hashes only the id: few hosts use the same one at the same time.
  static std::size_t hash_of(std::string_view queue_id) { return std::hash<std::string_view>{}(queue_id); }

  std::size_t after(std::size_t place) const { return (place + 1) & (slots_.size() - 1); }

  // Where the chain is, or would be.
  std::size_t place_of(std::size_t hash, std::string_view queue_id, std::string_view host) const {
    auto place = hash & (slots_.size() - 1);
    for (; slots_[place].first; place = after(place)) {
      if (slots_[place].hash != hash) continue;
      const auto& key = slots_[place].first->row.key;
      if (key.queue_id == queue_id && key.host == host) break;
    }
    return place;
  }

  // Moves chains so that a removed one leaves no hole between another chain and the place of its
  // hash.
  void close_up(std::size_t hole) {
    --chains_;
    const auto mask = slots_.size() - 1;
    for (auto place = after(hole); slots_[place].first; place = after(place)) {
      if (((place - slots_[place].hash) & mask) < ((place - hole) & mask)) continue;
      slots_[hole] = std::move(slots_[place]);
      hole = place;
    }
  }

  void grow() {
    constexpr std::size_t kAtFirst = 1024;
    std::vector<Slot> before(std::max(kAtFirst, slots_.size() * 2));
    before.swap(slots_);
    for (Slot& slot : before) {
      if (!slot.first) continue;
      const auto& key = slot.first->row.key;
      slots_[place_of(slot.hash, key.queue_id, key.host)] = std::move(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t chains_ = 0;
};

struct Tracker::State {
  TrackerSettings settings;
  Chains messages;
  TagBook tags;
  FailingSends failing;
  std::vector<Node*> touched;
  std::vector<std::unique_ptr<Node>> ended;
  std::size_t open_messages = 0;

  Node* newest_of_its_name(const Event& event) const;
  Node* of_the_instance_it_serves(const Event& attempt) const;
  Node* begun_under_a_service_name(const Event& event) const;
  Node* find(const Event& event);
  template <typename Visit>
  void each_candidate(const Event& event, Visit&& visit) const;
  bool is_open(const MessageKey& key) const;
  bool is_silent(const Node& node, Time at) const { return node.row.last_line + settings.silence < at; }
  Node& create(const Event& event, Time entered);
  Node& add(std::unique_ptr<Node> node);
  Node& rename(Node& node, MessageKey key);
  Node& correct_entry(Node& node, const Event& attempt);
  void touch(Node& node);
  void forget_touched(const Node& node);
  void change_row(Node& node, Time at);
  void end(Node& node);
  void end_sends(Node& node);
  static void take_sends(Node& node, TrackerChanges& changes);
  static void change_send(Node& node, OpenSends::value_type& send);
  void drop_send(Node& node, OpenSends::iterator send);

  Outcome outcome_of(const Node& node, OutcomeKind kind, const Event& event,
                     const std::string& address) const;
  Outcome failure_of(const Node& node, const Event& event, const std::string& address, const Send& send,
                     EndedBy ended_by) const;
  Outcome success_of(const Node& node, const Event& event, const AttemptFacts& facts,
                     const Target& target) const;
  void attempt(Node& node, const Event& event, const AttemptFacts& facts, const Target& target,
               std::vector<Outcome>& outcomes);
  void count_ended(Node& node, const Event& event, std::size_t recipients);
  void name_sender(Node& node, const Event& event, std::string_view sender);
  void hand_over_tags(const Node& node, const Event& event);
  void tag(TagNote note);
  void expire(Node& node, const Event& event, std::vector<Outcome>& outcomes);
};

const std::shared_ptr<const FailureReason>& no_reason() {
  static const auto kNone = std::make_shared<const FailureReason>();
  return kNone;
}

// Finds the message that a line is about: the newest of its host, instance and queue id that had
// entered by then. Instances may have equal queue ids, and a line of one never touches a message of
// another.
//
// An instance is known by its syslog name. But `-o syslog_name=` in master.cf names a single
// service, often smtp(8), seldom cleanup(8), and the lines of that service are about messages of
// the instance all the same. Postfix has one queue manager per instance, so the queue manager's
// name is the name of the instance. Hence two exceptions:
// - If no queue manager has logged the message under an attempt's name, the attempt is about the
//   message of another name that had entered when the attempt's message entered (`delay=`), if the
//   queue manager of that name has logged it.
// - If a queue manager's line finds no message of its own name, it takes over the newest message of
//   another name that no queue manager has logged and that has no failures: a cleanup service began
//   it.
// These decisions depend only on what is stored in `message` and `send`, so a restart changes
// nothing.
Node* Tracker::State::find(const Event& event) {
  Node* own = newest_of_its_name(event);
  if (event.kind() == EventKind::attempt) {
    if (own != nullptr && own->row.sender_known) return own;
    Node* served = of_the_instance_it_serves(event);
    return served != nullptr ? served : own;
  }
  if (own != nullptr || event.kind() == EventKind::entered) return own;
  Node* begun = begun_under_a_service_name(event);
  if (begun == nullptr) return nullptr;
  auto key = begun->row.key;
  key.instance = event.key.instance;
  return &rename(*begun, std::move(key));
}

// Visits the messages that the line may be about and that had entered by then.
template <typename Visit>
void Tracker::State::each_candidate(const Event& event, Visit&& visit) const {
  const auto told = event.kind() == EventKind::attempt ? entry_told_by(event) : event.at;
  const auto latest = std::max(event.at, told + kDisorder);
  for (Node* node = messages.first(event.key.queue_id, event.key.host); node != nullptr;
       node = node->next.get())
    if (node->row.key.entered <= latest) visit(*node, node->row.key.instance == event.key.instance);
}

// One that entered a little later than the line only if there is no other: where a log is read again, a
// message that is still open may have the id of one that had ended just before it entered.
Node* Tracker::State::newest_of_its_name(const Event& event) const {
  Node* newest = nullptr;
  const auto rank = [&](const Node& node) {
    return std::pair(node.row.key.entered <= event.at, node.row.key.entered);
  };
  each_candidate(event, [&](Node& node, bool own) {
    if (own && (newest == nullptr || rank(node) > rank(*newest))) newest = &node;
  });
  return newest;
}

// If the log has the beginning of the attempt's message, it shows that message entering at the time
// that the attempt says, or a little later. Null if two messages are that close to each other.
Node* Tracker::State::of_the_instance_it_serves(const Event& attempt) const {
  const auto entered = entry_told_by(attempt);
  Node* nearest = nullptr;
  bool alone = true;
  each_candidate(attempt, [&](Node& node, bool own) {
    const auto at = node.row.key.entered;
    if (own || !node.row.sender_known || at + kSameEntry < entered) return;
    if (nearest != nullptr && at > nearest->row.key.entered + kSameEntry) return;
    alone = nearest == nullptr || at + kSameEntry < nearest->row.key.entered;
    nearest = &node;
  });
  return alone ? nearest : nullptr;
}

Node* Tracker::State::begun_under_a_service_name(const Event& event) const {
  Node* newest = nullptr;
  each_candidate(event, [&](Node& node, bool own) {
    if (own || node.row.sender_known || !node.sends.empty()) return;
    if (newest == nullptr || node.row.key.entered > newest->row.key.entered) newest = &node;
  });
  return newest;
}

Node& Tracker::State::create(const Event& event, Time entered) {
  auto node = std::make_unique<Node>();
  node->row.key = {std::string{event.key.host}, std::string{event.key.instance},
                   std::string{event.key.queue_id}, entered};
  if (!tags.idle())
    if (auto taken = tags.take(event.key.queue_id, entered)) node->row.tags = std::move(*taken);
  Node& added = add(std::move(node));
  change_row(added, event.at);
  return added;
}

Node& Tracker::State::add(std::unique_ptr<Node> node) {
  ++open_messages;
  return messages.add(std::move(node));
}

// Removes the rows of the old key and writes everything again under the new one.
Node& Tracker::State::rename(Node& node, MessageKey key) {
  auto renamed = std::make_unique<Node>();
  renamed->row = node.row;
  renamed->row.key = std::move(key);
  renamed->sends = std::exchange(node.sends, {});
  end(node);
  Node& added = add(std::move(renamed));
  for (auto& send : added.sends) {
    send.second.place = 0;
    change_send(added, send);
  }
  change_row(added, added.row.last_line);
  return added;
}

// If the log lacks the beginning of a message, only `delay=` says when it entered.
Node& Tracker::State::correct_entry(Node& node, const Event& attempt) {
  const auto entered = entry_told_by(attempt);
  if (entered + kSameEntry >= node.row.key.entered) return node;
  auto key = node.row.key;
  key.entered = entered;
  return is_open(key) ? node : rename(node, std::move(key));
}

bool Tracker::State::is_open(const MessageKey& key) const {
  for (const Node* node = messages.first(key.queue_id, key.host); node != nullptr; node = node->next.get())
    if (node->row.key == key) return true;
  return false;
}

void Tracker::State::touch(Node& node) {
  if (node.listed) return;
  node.listed = true;
  node.place = static_cast<std::uint32_t>(touched.size());
  touched.push_back(&node);
}

void Tracker::State::forget_touched(const Node& node) {
  touched[node.place] = touched.back();
  touched[node.place]->place = node.place;
  touched.pop_back();
}

void Tracker::State::change_row(Node& node, Time at) {
  node.row.last_line = std::max(node.row.last_line, at);
  node.changed = true;
  touch(node);
}

void Tracker::State::end(Node& node) {
  auto taken = messages.remove(node);
  for (const auto& [address, send] : taken->sends) failing.count(address, send.row, -1);
  --open_messages;
  if (!taken->stored) {  // it came and went between two commits
    if (taken->listed) forget_touched(*taken);
    return;
  }
  taken->ended = true;
  touch(*taken);
  ended.push_back(std::move(taken));
}

void Tracker::State::change_send(Node& node, OpenSends::value_type& send) {
  if (send.second.place > 0) return;
  auto& changed = node.change().changed;
  changed.push_back(&send);
  send.second.place = static_cast<std::uint32_t>(changed.size());
}

void Tracker::State::drop_send(Node& node, OpenSends::iterator send) {
  if (send == node.sends.end()) return;
  auto& changes = node.change();
  if (const auto place = send->second.place; place > 0) changes.changed[place - 1] = nullptr;
  changes.removed.push_back(send->first);
  failing.count(send->first, send->second.row, -1);
  node.sends.erase(send);
  touch(node);
}

void Tracker::State::end_sends(Node& node) {
  while (!node.sends.empty()) drop_send(node, node.sends.begin());
}

Outcome Tracker::State::outcome_of(const Node& node, OutcomeKind kind, const Event& event,
                                   const std::string& address) const {
  Outcome outcome;
  outcome.kind = kind;
  outcome.address = address;
  outcome.at = event.at;
  outcome.message = node.row.key;
  outcome.sender = node.row.sender;
  outcome.message_id = node.row.message;
  outcome.tags = node.row.tags;
  return outcome;
}

Outcome Tracker::State::failure_of(const Node& node, const Event& event, const std::string& address,
                                   const Send& send, EndedBy ended_by) const {
  auto outcome = outcome_of(node, OutcomeKind::failed, event, address);
  outcome.ended_by = ended_by;
  outcome.first_failed = send.first_failed;
  outcome.attempts = send.attempts;
  outcome.failing_beside = failing.beside(address);
  outcome.full_message_id = node.row.message_id;
  outcome.reason = *send.reason;
  return outcome;
}

Outcome Tracker::State::success_of(const Node& node, const Event& event, const AttemptFacts& facts,
                                   const Target& target) const {
  auto outcome =
      outcome_of(node, facts.relayed ? OutcomeKind::relayed : OutcomeKind::delivered, event, target.address);
  outcome.reason.provider = target.provider;
  return outcome;
}

void Tracker::State::attempt(Node& node, const Event& event, const AttemptFacts& facts, const Target& target,
                             std::vector<Outcome>& outcomes) {
  const auto& address = target.address;
  const auto status = event.attempt().status;
  const bool silent = node.row.null_sender || facts.handed_over || facts.our_echo;
  if (status == AttemptStatus::sent) {
    const auto open = node.sends.find(address);
    if (!silent) {
      auto& outcome = outcomes.emplace_back(success_of(node, event, facts, target));
      if (open != node.sends.end()) outcome.attempts = open->second.row.attempts;
    }
    drop_send(node, open);
    return;
  }
  if (silent) {
    if (status == AttemptStatus::bounced) drop_send(node, node.sends.find(address));
    return;
  }

  if (status == AttemptStatus::bounced) {
    const auto open = node.sends.find(address);
    Send send = open != node.sends.end() ? open->second.row : Send{.first_failed = event.at};
    describe_failure(send, event, target);
    outcomes.push_back(failure_of(node, event, address, send, EndedBy::bounced));
    drop_send(node, open);
    return;
  }

  const auto [place, fresh] = node.sends.try_emplace(address, OpenSend{.row = {.first_failed = event.at}});
  auto& open = *place;
  auto& send = open.second.row;
  if (!fresh) failing.count(address, send, -1);
  describe_failure(send, event, target);
  if (!send.counted && send.attempts >= settings.retry_attempts &&
      event.at - send.first_failed >= settings.retry_window) {
    // A failure with action `none` decides nothing, so the end of the send must still count.
    send.counted = target.reason->judgement.action != Action::none;
    if (send.counted) outcomes.push_back(failure_of(node, event, address, send, EndedBy::window));
  }
  failing.count(address, send, 1);
  change_send(node, open);
  change_row(node, event.at);
}

// If the MTA gives the number of recipients, the message ends when all of them have ended. The
// number does not include the members of an alias.
void Tracker::State::count_ended(Node& node, const Event& event, std::size_t recipients) {
  if (node.row.recipients == 0) return;
  const auto named = static_cast<unsigned>(recipients) - event.attempt().members;
  if (event.attempt().status != AttemptStatus::deferred && named > 0) {
    node.row.ended += named;
    change_row(node, event.at);
  }
  if (node.row.ended >= node.row.recipients && node.sends.empty()) end(node);
}

// A content filter puts the message back under another queue id, of which the log may have told already.
void Tracker::State::hand_over_tags(const Node& node, const Event& event) {
  const auto next = queued_as(event.attempt().reply.text);
  if (next.empty() || next == node.row.key.queue_id) return;
  tag({.queue_id = std::string(next),
       .begun = node.row.key.entered,
       .ended = event.at,
       .tags = node.row.tags});
}

void Tracker::State::tag(TagNote note) {
  Node* found = nullptr;
  int count = 0;
  messages.each_of(note.queue_id, [&](Node& node) {
    if (!may_be_about(note, node.row.key.entered)) return;
    found = &node;
    ++count;
  });
  if (found == nullptr) return tags.add(std::move(note));
  if (found->row.tags == note.tags) return;  // of another recipient
  if (count > 1 || !found->row.tags.empty()) return tags.count_lost();
  found->row.tags = std::move(note.tags);
  change_row(*found, found->row.last_line);
}

void Tracker::State::name_sender(Node& node, const Event& event, std::string_view sender) {
  if (!node.row.sender_known || node.row.sender != sender) node.row.sender = clean(sender, 320);
  node.row.sender_known = true;
  node.row.null_sender = sender.empty();
  if (node.row.null_sender) end_sends(node);
  change_row(node, event.at);
}

// One after another: what has failed is not open any more beside the next one.
void Tracker::State::expire(Node& node, const Event& event, std::vector<Outcome>& outcomes) {
  while (!node.sends.empty()) {
    const auto first = node.sends.begin();
    const auto& [address, send] = *first;
    if (send.row.deferred) outcomes.push_back(failure_of(node, event, address, send.row, EndedBy::expired));
    drop_send(node, first);
  }
}

Tracker::Tracker(TrackerSettings settings) : state_(std::make_unique<State>()) {
  state_->settings = settings;
}
Tracker::~Tracker() = default;
Tracker::Tracker(Tracker&&) noexcept = default;
Tracker& Tracker::operator=(Tracker&&) noexcept = default;

void Tracker::take(const Event& event, const AttemptFacts& facts, const std::vector<Target>& targets,
                   std::vector<Outcome>& outcomes) {
  auto& state = *state_;
  Node* node = state.find(event);
  if (node != nullptr && state.is_silent(*node, event.at)) {
    state.end(*node);
    node = nullptr;
  }
  switch (event.kind()) {
    case EventKind::entered: {
      const auto& entered = std::get<MessageEntered>(event.what);
      // The line is read again, because logs overlap: an id is not used again so soon.
      const bool known = node != nullptr && std::chrono::abs(node->row.key.entered - event.at) <= kSameEntry;
      if (known) return;
      if (node != nullptr && node->row.key.entered <= event.at) state.end(*node);
      if (entered.from_client) return;  // nothing is in the queue before cleanup logs it
      auto& fresh = state.create(event, event.at);
      fresh.row.recipients = entered.recipient_count.value_or(0);
      fresh.row.message_id = clean(entered.message_id, kMessageIdLimit);
      if (state.settings.keep_message_ids) fresh.row.message = message_digest(entered.message_id);
      if (entered.sender) state.name_sender(fresh, event, *entered.sender);
      return;
    }
    case EventKind::sender:
      if (node == nullptr) node = &state.create(event, event.at);
      state.name_sender(*node, event, std::get<SenderNamed>(event.what).sender);
      return;
    case EventKind::attempt: {
      node =
          node == nullptr ? &state.create(event, entry_told_by(event)) : &state.correct_entry(*node, event);
      if (facts.handed_over && !node->row.tags.empty() && event.attempt().status == AttemptStatus::sent)
        state.hand_over_tags(*node, event);
      for (const auto& target : targets)
        if (!target.address.empty()) state.attempt(*node, event, facts, target, outcomes);
      state.count_ended(*node, event, targets.size());
      return;
    }
    case EventKind::expired: {
      if (node != nullptr) {
        state.expire(*node, event, outcomes);
        // Sendmail logs nothing more about a message that it returned; Postfix logs `removed`.
        if (node->row.recipients > 0) state.end(*node);
      }
      const auto notice_id = std::get<MessageExpired>(event.what).notice_id;
      if (!notice_id.empty()) take(notice_of(event, notice_id), facts, targets, outcomes);
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

Tracker::KnownSend Tracker::known(const Event& attempt, std::string_view address) const {
  const Node* node = state_->find(attempt);
  if (node == nullptr) return {};
  const auto send = node->sends.find(address);
  return {.message = &node->row,
          .failed_attempts = send == node->sends.end() ? 0 : send->second.row.attempts};
}

void Tracker::tag(TagNote note) {
  state_->tag(std::move(note));
}

void Tracker::drop_tags(Time before) {
  state_->tags.drop(before);
}

// Where logs are read one host after the other, the time of one host says nothing of the messages of another.
void Tracker::sweep(Time now, std::string_view host) {
  auto& state = *state_;
  std::vector<Node*> silent;
  state.messages.each([&](Node& node) {
    if (node.row.key.host == host && state.is_silent(node, now)) silent.push_back(&node);
  });
  for (Node* node : silent) state.end(*node);
}

void Tracker::State::take_sends(Node& node, TrackerChanges& changes) {
  const auto own = std::move(node.changes);
  if (!own) return;
  for (const auto& address : own->removed)
    if (!node.sends.contains(address)) changes.removed_sends.emplace_back(node.row.key, address);
  for (auto* const changed : own->changed) {
    if (changed == nullptr) continue;
    auto& [address, send] = *changed;
    send.place = 0;
    auto& [key, row] = changes.sends.emplace_back(node.row.key, send.row);
    row.address = address;
  }
}

TrackerChanges Tracker::take_changes() {
  auto& state = *state_;
  TrackerChanges changes;
  for (Node* node : state.touched) {
    node->listed = false;
    if (node->ended) {
      changes.removed.push_back(node->row.key);
      continue;
    }
    if (node->changed || !node->stored) changes.messages.push_back(node->row);
    State::take_sends(*node, changes);
    node->changed = false;
    node->stored = true;
  }
  state.touched.clear();
  state.ended.clear();
  changes.tags = state.tags.take_changes();
  return changes;
}

void Tracker::load(std::vector<StoredMessage> messages, std::vector<TagNote> notes,
                   std::optional<TagGap> gap) {
  auto settings = state_->settings;
  state_ = std::make_unique<State>();
  state_->settings = settings;
  state_->tags.load(std::move(notes), gap);
  for (auto& stored : messages) {
    auto node = std::make_unique<Node>();
    node->stored = true;
    node->row = std::move(stored.message);
    for (auto& send : stored.sends) {
      auto address = std::exchange(send.address, {});
      state_->failing.count(address, send, 1);
      node->sends[std::move(address)].row = std::move(send);
    }
    state_->messages.add(std::move(node));
    ++state_->open_messages;
  }
}

std::size_t Tracker::open_messages() const {
  return state_->open_messages;
}

std::size_t Tracker::open_sends() const {
  std::size_t sends = 0;
  state_->messages.each([&](const Node& node) { sends += node.sends.size(); });
  return sends;
}

}  // namespace suppressd
