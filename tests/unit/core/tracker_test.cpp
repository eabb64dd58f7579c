#include "suppressd/core/tracker.h"

#include <map>
#include <memory>
#include <random>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

using std::chrono::hours;

const Time kStart = from_unix(1'790'000'000);

// One host's log as a few words; the outcomes are collected as "address kind ended_by" lines.
class TrackerTest : public testing::Test {
 protected:
  template <typename Told>
  Event event(Told&& what, Duration at, std::string_view id = "A1") const {
    return {.at = kStart + at, .key = {"mta", instance, id}, .what = std::forward<Told>(what)};
  }
  void entered(Duration at, std::string_view id = "A1") { take(event(MessageEntered{}, at, id)); }
  void sender(Duration at, std::string_view sender, std::string_view id = "A1") {
    take(event(SenderNamed{sender}, at, id));
  }
  void attempt(AttemptStatus status, Duration at, const std::string& address = "a@b.example",
               Action action = Action::soft, std::string_view id = "A1", std::optional<Duration> delay = {}) {
    take(event(Attempt{.status = status, .delay = delay}, at, id),
         {{.address = address, .provider = "b.example", .reason = reason(Category::mailbox_full, action)}});
  }
  static std::shared_ptr<const FailureReason> reason(Category category, Action action) {
    FailureReason reason;
    reason.judgement = {.category = category, .action = action, .weak = false, .rule = "rule.id"};
    return std::make_shared<const FailureReason>(std::move(reason));
  }
  void deferred(Duration at, const std::string& address = "a@b.example", std::optional<Duration> delay = {}) {
    attempt(AttemptStatus::deferred, at, address, Action::soft, "A1", delay);
  }
  void expired(Duration at) { take(event(MessageExpired{}, at)); }
  void removed(Duration at, std::string_view id = "A1") { take(event(MessageRemoved{}, at, id)); }

  void take(const Event& one, const std::vector<Tracker::Target>& targets = {}) {
    outcomes.clear();
    tracker.take(one, facts, targets, outcomes);
    for (const auto& outcome : outcomes) {
      told.append(outcome.address).append(" ").append(name_of(outcome.kind));
      if (outcome.ended_by != EndedBy::nothing) told.append(" ").append(name_of(outcome.ended_by));
      told += "\n";
      entries.push_back(outcome.message.entered);
    }
  }

  // Stores what changed, as the database would, and starts a new tracker from it.
  void restart() {
    store();
    std::vector<StoredMessage> all;
    for (const auto& [key, stored] : disk) all.push_back(stored);
    tracker = Tracker{TrackerSettings{}};
    tracker.load(std::move(all));
  }
  void store() {
    const auto changes = tracker.take_changes();
    for (const auto& key : changes.removed) disk.erase(name(key));
    for (const auto& message : changes.messages) disk[name(message.key)].message = message;
    for (const auto& [key, address] : changes.removed_sends)
      std::erase_if(disk.at(name(key)).sends,
                    [&ended = address](const Send& send) { return send.address == ended; });
    for (const auto& [key, send] : changes.sends) {
      auto& sends = disk.at(name(key)).sends;
      std::erase_if(sends, [&, one = &send](const Send& old) { return old.address == one->address; });
      sends.push_back(send);
    }
  }
  static std::string name(const MessageKey& key) {
    return key.host + key.instance + key.queue_id + std::to_string(to_unix(key.entered));
  }

  Tracker tracker{TrackerSettings{}};
  Tracker::AttemptFacts facts;
  std::vector<Outcome> outcomes;
  std::string_view instance = "postfix";
  std::string told;
  std::vector<Time> entries;  // of the messages of the outcomes
  std::map<std::string, StoredMessage> disk;
};

// The window and the end of one send are two outcomes; the fold counts them once.
TEST_F(TrackerTest, a_hundred_deferrals_of_one_message_are_one_failure_by_window_and_one_end) {
  entered(hours(0));
  for (int i = 0; i < 100; ++i) deferred(hours(i));
  expired(hours(120));
  removed(hours(120));
  EXPECT_EQ(told, "a@b.example failed window\na@b.example failed expired\n");
  EXPECT_EQ(tracker.open_messages(), 0u);
}

TEST_F(TrackerTest, expiry_fails_the_recipients_that_were_last_deferred) {
  entered(hours(0));
  deferred(hours(1), "full@b.example");
  attempt(AttemptStatus::sent, hours(1), "good@b.example");
  attempt(AttemptStatus::bounced, hours(1), "dead@b.example", Action::hard);
  told.clear();
  expired(hours(10));
  EXPECT_EQ(told, "full@b.example failed expired\n");
}

TEST_F(TrackerTest, a_window_needs_three_attempts) {
  entered(hours(0));
  deferred(hours(0));
  deferred(hours(80));
  EXPECT_EQ(told, "");
  deferred(hours(81));
  EXPECT_EQ(told, "a@b.example failed window\n");
}

TEST_F(TrackerTest, a_delivery_after_the_window_is_a_delivery) {
  entered(hours(0));
  for (const int at : {0, 40, 80}) deferred(hours(at));
  told.clear();
  attempt(AttemptStatus::sent, hours(90));
  EXPECT_EQ(told, "a@b.example delivered\n");
}

TEST_F(TrackerTest, a_deletion_by_the_operator_is_ignored) {
  entered(hours(0));
  deferred(hours(1));
  removed(hours(2));
  EXPECT_EQ(told, "");
}

TEST_F(TrackerTest, a_forced_expiry_is_ignored) {
  entered(hours(0));
  deferred(hours(1));
  take(event(MessageForceExpired{}, hours(2)));
  expired(hours(2));
  EXPECT_EQ(told, "");
}

TEST_F(TrackerTest, mail_of_the_null_sender_is_ignored_even_after_a_restart) {
  entered(hours(0));
  sender(hours(0), "");
  restart();
  attempt(AttemptStatus::bounced, hours(1), "forged@b.example", Action::hard);
  attempt(AttemptStatus::sent, hours(1), "good@b.example");
  EXPECT_EQ(told, "");
}

TEST_F(TrackerTest, the_notice_of_an_expiry_is_ignored) {
  entered(hours(0));
  deferred(hours(1));
  take(event(MessageExpired{.notice_id = "N1"}, hours(2)));
  EXPECT_EQ(told, "a@b.example failed expired\n");
  attempt(AttemptStatus::bounced, hours(2), "sender@x.example", Action::hard, "N1");
  EXPECT_EQ(told, "a@b.example failed expired\n");
  removed(hours(3));
  EXPECT_EQ(tracker.open_messages(), 0u);
}

TEST_F(TrackerTest, a_reused_queue_id_is_a_new_message) {
  entered(hours(0));
  sender(hours(0), "");
  entered(hours(5));
  sender(hours(5), "app@x.example");
  attempt(AttemptStatus::bounced, hours(5), "dead@b.example", Action::hard);
  EXPECT_EQ(told, "dead@b.example failed bounced\n");
}

TEST_F(TrackerTest, the_queue_managers_sender_line_does_not_begin_a_new_message) {
  entered(hours(0));
  sender(hours(0), "app@x.example");
  for (int i = 0; i < 3; ++i) {
    deferred(hours(i * 40));
    sender(hours(i * 40 + 1), "app@x.example");
  }
  EXPECT_EQ(told, "a@b.example failed window\n");
}

TEST_F(TrackerTest, a_client_line_alone_holds_no_memory) {
  for (int i = 0; i < 100; ++i) {
    const auto id = "A" + std::to_string(i);
    take(event(MessageEntered{.from_client = true}, Duration{i}, id));
  }
  EXPECT_EQ(tracker.open_messages(), 0u);
}

TEST_F(TrackerTest, hand_overs_and_our_own_refusals_are_neither_failure_nor_delivery) {
  entered(hours(0));
  facts.handed_over = true;
  attempt(AttemptStatus::sent, hours(0));
  attempt(AttemptStatus::bounced, hours(0), "dead@b.example", Action::hard);
  facts = {};
  facts.our_echo = true;
  attempt(AttemptStatus::bounced, hours(0), "dead@b.example", Action::hard);
  EXPECT_EQ(told, "");
}

TEST_F(TrackerTest, a_message_accepted_by_a_smart_host_is_relayed) {
  entered(hours(0));
  facts.relayed = true;
  attempt(AttemptStatus::sent, hours(0));
  EXPECT_EQ(told, "a@b.example relayed\n");
}

TEST_F(TrackerTest, sendmail_messages_end_when_all_recipients_have) {
  take(event(MessageEntered{.recipient_count = 2, .sender = "app@x.example"}, hours(0)));
  attempt(AttemptStatus::sent, hours(0), "a@b.example");
  EXPECT_EQ(tracker.open_messages(), 1u);
  attempt(AttemptStatus::deferred, hours(0), "c@b.example");
  EXPECT_EQ(tracker.open_messages(), 1u);
  attempt(AttemptStatus::bounced, hours(1), "c@b.example");
  EXPECT_EQ(tracker.open_messages(), 0u);
}

// Sendmail counts an alias once, and logs its members without brackets.
TEST_F(TrackerTest, the_second_member_of_an_alias_is_not_taken_for_another_message) {
  take(event(MessageEntered{.recipient_count = 1, .sender = ""}, hours(0)));
  const auto member = [&](AttemptStatus status) {
    return event(Attempt{.members = 1, .status = status}, hours(0));
  };
  take(member(AttemptStatus::sent), {{.address = "first@b.example", .provider = "b.example"}});
  EXPECT_EQ(tracker.open_messages(), 1u);
  take(member(AttemptStatus::bounced), {{.address = "second@b.example",
                                         .provider = "b.example",
                                         .reason = reason(Category::bad_mailbox, Action::hard)}});
  EXPECT_EQ(told, "") << "a bounce has taught something";
}

TEST_F(TrackerTest, the_members_of_an_alias_do_not_end_the_sends_of_others) {
  take(event(MessageEntered{.recipient_count = 2, .sender = "app@x.example"},
             hours(0)));  // an alias of two, and later@b.example
  deferred(hours(0), "later@b.example");
  for (const auto* name : {"first@b.example", "second@b.example"}) {
    take(event(Attempt{.members = 1}, hours(0)), {{.address = name, .provider = "b.example"}});
  }
  EXPECT_EQ(tracker.open_sends(), 1u);
  for (const int at : {40, 80}) deferred(hours(at), "later@b.example");
  EXPECT_EQ(told, "first@b.example delivered\nsecond@b.example delivered\nlater@b.example failed window\n");
}

TEST_F(TrackerTest, a_message_with_a_deferred_recipient_does_not_end_whatever_was_counted) {
  take(event(MessageEntered{.recipient_count = 1, .sender = "app@x.example"}, hours(0)));
  deferred(hours(0), "later@b.example");
  attempt(AttemptStatus::sent, hours(0), "good@b.example");
  EXPECT_EQ(tracker.open_sends(), 1u);
  attempt(AttemptStatus::sent, hours(1), "later@b.example");
  EXPECT_EQ(tracker.open_messages(), 0u);
}

TEST_F(TrackerTest, a_restart_changes_nothing) {
  entered(hours(0));
  sender(hours(0), "app@x.example");
  for (const int at : {0, 40}) {
    deferred(hours(at));
    restart();
  }
  deferred(hours(80));
  restart();
  expired(hours(120));
  EXPECT_EQ(told, "a@b.example failed window\na@b.example failed expired\n");
}

TEST_F(TrackerTest, an_old_log_does_not_touch_a_newer_message_of_the_same_id) {
  entered(hours(9000));
  sender(hours(9000), "app@x.example");
  deferred(hours(9000));
  attempt(AttemptStatus::deferred, hours(10), "old@b.example");
  removed(hours(11));
  EXPECT_EQ(tracker.open_sends(), 1u);
  expired(hours(9100));
  EXPECT_EQ(told, "a@b.example failed expired\n");
}

TEST_F(TrackerTest, a_queue_id_that_two_instances_have_does_not_end_the_others_message) {
  for (const bool whole : {true, false}) {
    SCOPED_TRACE(whole ? "the other instance's log is whole"
                       : "the other message's beginning is not in the log");
    told.clear();
    instance = "pfa";
    entered(hours(0));
    sender(hours(0), "app@x.example");
    deferred(hours(0), "a@b.example", hours(0));
    instance = "pfb";
    if (whole) {
      entered(hours(1));
      sender(hours(1), "app@x.example");
      restart();
    }
    attempt(AttemptStatus::sent, hours(1), "a@b.example", Action::soft, "A1", Duration{1});
    removed(hours(1));
    restart();
    instance = "pfa";
    expired(hours(120));
    removed(hours(120));
    EXPECT_EQ(told, "a@b.example delivered\na@b.example failed expired\n");
    EXPECT_EQ(tracker.open_messages(), 0u);
  }
}

TEST_F(TrackerTest,
       a_queue_id_that_two_instances_have_does_not_end_a_message_of_which_only_an_attempt_was_seen) {
  instance = "pfa";
  deferred(hours(0), "a@b.example", hours(0));
  instance = "pfb";
  attempt(AttemptStatus::sent, hours(1), "a@b.example", Action::soft, "A1", Duration{1});
  removed(hours(1));
  instance = "pfa";
  expired(hours(120));
  EXPECT_EQ(told, "a@b.example delivered\na@b.example failed expired\n");
}

TEST_F(TrackerTest, a_new_message_of_another_instance_does_not_make_a_bounce_to_the_null_sender_count) {
  instance = "pfa";
  entered(hours(0));
  sender(hours(0), "");
  instance = "pfb";
  take(event(MessageEntered{.from_client = true}, hours(1)));
  entered(hours(1));
  sender(hours(1), "app@x.example");
  restart();
  instance = "pfa";
  attempt(AttemptStatus::bounced, hours(2), "forged@b.example", Action::hard, "A1", hours(2));
  EXPECT_EQ(told, "");
}

TEST_F(TrackerTest, another_hosts_message_of_the_same_id_is_not_touched) {
  entered(hours(0));
  deferred(hours(0));
  for (auto other : {event(MessageEntered{}, hours(1)), event(MessageRemoved{}, hours(1))}) {
    other.key.host = "mta2";
    take(other);
  }
  expired(hours(120));
  EXPECT_EQ(told, "a@b.example failed expired\n");
}

TEST_F(TrackerTest, a_service_with_its_own_syslog_name_belongs_to_the_same_message) {
  entered(hours(0));
  sender(hours(0), "");
  restart();
  instance = "smtp-out";
  attempt(AttemptStatus::bounced, hours(0), "dead@b.example", Action::hard);
  EXPECT_EQ(told, "") << "the null sender is known from the other name";
}

TEST_F(TrackerTest, services_of_two_instances_do_not_take_the_others_message_of_the_same_id) {
  for (const auto& [name, at, from] : {std::tuple{"pfa", 0, "app@x.example"}, std::tuple{"pfb", 2, ""}}) {
    instance = name;
    entered(hours(at));
    sender(hours(at), from);
  }
  restart();
  instance = "pfb-out";
  attempt(AttemptStatus::bounced, hours(3), "forged@b.example", Action::hard, "A1", hours(1));
  EXPECT_EQ(told, "");
  instance = "pfa-out";
  attempt(AttemptStatus::bounced, hours(3), "dead@b.example", Action::hard, "A1", hours(3));
  EXPECT_EQ(told, "dead@b.example failed bounced\n");
}

TEST_F(TrackerTest, a_deferral_by_a_service_with_its_own_syslog_name_is_failed_by_the_queue_manager) {
  // A client that takes its time: the MTA counts from its first RCPT on.
  entered(hours(1));
  sender(hours(1), "app@x.example");
  for (const int at : {2, 10, 20}) {
    instance = "smtp-out";
    deferred(hours(at), "a@b.example", hours(at) - hours(1) + Duration{30});
    restart();
    instance = "postfix";
    sender(hours(at + 1), "app@x.example");
  }
  EXPECT_EQ(tracker.open_messages(), 1u);
  expired(hours(120));
  removed(hours(120));
  EXPECT_EQ(told, "a@b.example failed expired\n");
  EXPECT_EQ(tracker.open_messages(), 0u);
}

TEST_F(TrackerTest, a_service_with_its_own_syslog_name_is_understood_if_the_log_begins_in_the_middle) {
  instance = "smtp-out";
  deferred(hours(0), "a@b.example", hours(50));
  instance = "postfix";
  sender(hours(1), "");
  instance = "smtp-out";
  attempt(AttemptStatus::bounced, hours(1), "a@b.example", Action::hard, "A1", hours(51));
  EXPECT_EQ(told, "") << "the null sender is known by now";
}

// As if its log was read from the middle first, and then as a whole.
TEST_F(TrackerTest, a_send_that_is_read_again_from_further_back_fails_when_it_did) {
  for (const auto after : {50, 73}) deferred(hours(after), "a@b.example", hours(after));
  EXPECT_EQ(told, "") << "the first attempt is not known, and two are too few";
  for (const auto after : {0, 1, 50}) deferred(hours(after), "a@b.example", hours(after));
  EXPECT_EQ(told, "");
  deferred(hours(73), "a@b.example", hours(73));
  EXPECT_EQ(told, "a@b.example failed window\n");
}

TEST_F(TrackerTest, a_cleanup_service_with_its_own_syslog_name_leaves_no_message_open) {
  for (const bool restarts : {false, true}) {
    instance = "pre-cleanup";
    entered(hours(0));
    if (restarts) restart();
    instance = "postfix";
    sender(hours(0), "app@x.example");
    if (restarts) restart();
    deferred(hours(1));
    expired(hours(120));
    removed(hours(120));
    EXPECT_EQ(tracker.open_messages(), 0u);
    store();
    EXPECT_TRUE(disk.empty());
  }
  EXPECT_EQ(told, "a@b.example failed expired\na@b.example failed expired\n");
  EXPECT_EQ(entries, (std::vector{kStart, kStart}));
}

TEST_F(TrackerTest, thousands_of_messages_come_and_go_in_any_order) {
  std::mt19937 dice(1);
  std::map<std::string, bool> open;
  for (int i = 0; i < 20000; ++i) {
    const auto id = "A" + std::to_string(dice() % 3000);
    const auto other = event(MessageEntered{}, hours(0), id);
    if (dice() % 2 == 0) {
      take(other);
      open[id] = true;
    } else {
      removed(hours(0), id);
      open.erase(id);
    }
    ASSERT_EQ(tracker.open_messages(), open.size()) << i;
  }
  restart();
  EXPECT_EQ(tracker.open_messages(), open.size());
  for (const auto& [id, there] : open) removed(hours(1), id);
  EXPECT_EQ(tracker.open_messages(), 0u);
}

TEST_F(TrackerTest, a_silent_message_is_dropped) {
  entered(hours(0));
  deferred(hours(1));
  store();
  tracker.sweep(kStart + hours(24 * 15), "mta");
  EXPECT_EQ(tracker.open_messages(), 0u);
  store();
  EXPECT_TRUE(disk.empty());
}

// Lines of the other host from that time may be read later.
TEST_F(TrackerTest, the_time_of_one_host_drops_no_message_of_another) {
  entered(hours(0));
  deferred(hours(1));
  tracker.sweep(kStart + hours(24 * 15), "mta2");
  EXPECT_EQ(tracker.open_messages(), 1u);
}

// So it does not matter when, and at which host's line, silent messages are dropped.
TEST_F(TrackerTest, a_line_after_the_silence_is_about_another_message_swept_or_not) {
  for (const bool swept : {false, true}) {
    tracker = Tracker{TrackerSettings{}};
    disk.clear();
    told.clear();
    entered(hours(0));
    sender(hours(0), "");
    store();
    if (swept) tracker.sweep(kStart + hours(24 * 14 + 1), "mta");
    attempt(AttemptStatus::bounced, hours(24 * 14 + 1));
    EXPECT_EQ(told, "a@b.example failed bounced\n") << swept;
    store();
    restart();
    EXPECT_EQ(tracker.open_messages(), 1u) << swept;
  }
}

TEST_F(TrackerTest, the_end_after_a_failure_by_window_is_reported) {
  entered(hours(0));
  for (const int at : {0, 40, 80}) deferred(hours(at));
  told.clear();
  attempt(AttemptStatus::bounced, hours(90));
  EXPECT_EQ(told, "a@b.example failed bounced\n");
}

// If a part of a log is read again while its messages are open.
TEST_F(TrackerTest, lines_that_are_read_again_change_nothing) {
  entered(hours(0));
  sender(hours(0), "app@x.example");
  deferred(hours(1));
  deferred(hours(2));
  entered(hours(0));
  sender(hours(0), "app@x.example");
  deferred(hours(1));
  deferred(hours(2));
  EXPECT_EQ(tracker.open_sends(), 1u);
  deferred(hours(74));
  EXPECT_EQ(told, "a@b.example failed window\n") << "the third attempt, 72 hours after the first";
}

// The id came back within a minute, and the later message is open at the log's end.
TEST_F(TrackerTest, a_message_whose_log_is_read_again_is_not_taken_for_a_later_one_of_its_id) {
  const auto log = [this] {
    told.clear();
    entries.clear();
    entered(hours(0));
    deferred(hours(1), "first@b.example");
    expired(hours(2));
    removed(hours(2));
    entered(hours(2) + Duration{28});
    deferred(hours(2) + Duration{28}, "second@b.example");
    entered(hours(2) + Duration{28});  // cleanup's line, after smtpd's
    EXPECT_EQ(told, "first@b.example failed expired\n");
    EXPECT_EQ(entries, std::vector{kStart});
    restart();
  };
  log();
  const auto once = disk;
  log();
  ASSERT_EQ(disk.size(), 1u);
  EXPECT_EQ(disk.begin()->first, once.begin()->first);
  EXPECT_EQ(disk.begin()->second.sends.size(), 1u);
}

TEST_F(TrackerTest, a_message_that_is_read_again_does_not_end_a_later_one_of_its_id) {
  entered(hours(0) + Duration{28});
  deferred(hours(1), "second@b.example");
  entered(hours(0));
  removed(hours(0));
  EXPECT_EQ(tracker.open_sends(), 1u);
}

TEST_F(TrackerTest, an_attempt_of_an_old_message_does_not_make_a_later_one_of_its_id_older) {
  entered(hours(2));
  deferred(hours(3), "second@b.example", hours(1));
  deferred(hours(2) - Duration{28}, "first@b.example", hours(2) - Duration{28});
  removed(hours(2) - Duration{28});
  restart();
  ASSERT_EQ(disk.size(), 1u);
  EXPECT_EQ(disk.begin()->second.message.key.entered, kStart + hours(2));
  EXPECT_EQ(disk.begin()->second.sends.size(), 1u);
}

TEST_F(TrackerTest, the_delay_gives_the_entry_if_it_was_not_seen) {
  attempt(AttemptStatus::bounced, hours(10), "a@b.example", Action::soft, "A1", hours(9));
  EXPECT_EQ(entries, std::vector{kStart + hours(1)});
}

TEST_F(TrackerTest, a_message_does_not_enter_where_the_log_begins) {
  const auto begin_in_the_middle = [this] {
    told.clear();
    entries.clear();
    sender(hours(100), "app@x.example");
    deferred(hours(100), "a@b.example", hours(90));
    restart();
  };
  begin_in_the_middle();
  sender(hours(101), "app@x.example");
  deferred(hours(101), "a@b.example", hours(91));
  expired(hours(120));
  removed(hours(120));
  EXPECT_EQ(told, "a@b.example failed expired\n");
  EXPECT_EQ(entries, std::vector{kStart + hours(10)});
  restart();
  EXPECT_TRUE(disk.empty());

  begin_in_the_middle();
  for (const int at : {140, 180}) deferred(hours(at), "a@b.example", hours(at - 10));
  EXPECT_EQ(told, "a@b.example failed window\n");
  EXPECT_EQ(entries, std::vector{kStart + hours(10)});
}

TEST_F(TrackerTest, an_entry_that_was_seen_is_not_moved_by_the_seconds_that_delay_leaves_out) {
  entered(hours(0));
  sender(hours(0), "app@x.example");
  store();
  deferred(Duration{7}, "a@b.example", Duration{9});
  deferred(Duration{600}, "a@b.example", Duration{599});
  store();
  ASSERT_EQ(disk.size(), 1u);
  EXPECT_EQ(disk.begin()->second.message.key.entered, kStart);
  EXPECT_EQ(disk.begin()->second.sends.size(), 1u);
}

TEST_F(TrackerTest, a_failure_tells_how_many_sends_to_others_of_its_domain_are_failing) {
  for (const auto* id : {"A1", "A2", "A3"}) entered(hours(0), id);
  const auto defer = [&](Duration at, const std::string& address, std::string_view id) {
    attempt(AttemptStatus::deferred, at, address, Action::soft, id);
  };
  const auto beside = [&](const std::string& address, std::string_view id) {
    attempt(AttemptStatus::bounced, hours(2), address, Action::soft, id);
    return outcomes.at(0).failing_beside;
  };
  EXPECT_EQ(beside("z@b.example", "A1"), 0);
  defer(hours(1), "a@b.example", "A1");
  defer(hours(1), "a@b.example", "A2");
  defer(hours(1), "c@b.example", "A2");
  defer(hours(1), "d@b.example", "A2");
  defer(hours(1), "e@other.example", "A3");
  restart();
  EXPECT_EQ(beside("z@b.example", "A1"), 4);
  EXPECT_EQ(beside("a@b.example", "A1"), 2) << "not the other one to itself";
  attempt(AttemptStatus::sent, hours(2), "d@b.example", Action::none, "A2");
  EXPECT_EQ(beside("z@b.example", "A1"), 2) << "delivered";
  removed(hours(3), "A2");
  EXPECT_EQ(beside("z@b.example", "A1"), 0) << "gone";
}

TEST_F(TrackerTest, of_sends_that_expire_together_each_fails_beside_those_that_come_after_it) {
  entered(hours(0));
  for (const auto* address : {"a@b.example", "c@b.example", "d@b.example"}) deferred(hours(1), address);
  expired(hours(120));
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].failing_beside, 2);
  EXPECT_EQ(outcomes[2].failing_beside, 0);
}

TEST_F(TrackerTest, a_send_that_failed_by_the_window_is_not_failing_any_more) {
  entered(hours(0));
  for (int i = 0; i < 80; ++i) deferred(hours(i));
  attempt(AttemptStatus::bounced, hours(80), "z@b.example");
  EXPECT_EQ(outcomes.at(0).failing_beside, 0);
}

}  // namespace
}  // namespace suppressd
