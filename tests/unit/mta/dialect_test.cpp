#include "suppressd/mta/dialect.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suppressd/mta/log_line.h"
#include "suppressd/mta/syslog.h"

namespace suppressd {
namespace {

constexpr std::string_view kBounce =
    "4F1C2A0B01: to=<a@b.example>, relay=mx.b.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, "
    "status=bounced (host mx.b.example[192.0.2.1] said: 550 5.1.1 no (in reply to RCPT TO command))";
constexpr std::string_view kSendmailBounce =
    "6AKNELkC010160: to=<a@b.example>,<c@d.example>, ctladdr=<x@y> (1/1), delay=00:00:01, xdelay=00:00:00, "
    "mailer=esmtp, pri=1, relay=mx. [192.0.2.1], dsn=5.1.1, reply=550 5.1.1 no, stat=User unknown";

LogEntry entry_of(std::string_view tag, std::string_view message) {
  return {from_unix(1795251602), "mta", tag, message};
}

std::string_view name_of_dialect(const LogEntry& entry) {
  const Dialect* dialect = dialect_of(entry);
  return dialect != nullptr ? dialect->name : std::string_view{};
}

TEST(Dialect, EveryRowIsComplete) {
  for (const Dialect* dialect : dialects()) {
    SCOPED_TRACE(dialect->name);
    EXPECT_EQ(find_dialect(dialect->name), dialect);
    EXPECT_NE(dialect->name, "auto");
    EXPECT_TRUE(dialect->claims && dialect->take_queue_id && dialect->parse);
    EXPECT_FALSE(dialect->permanent_failure.empty());
    EXPECT_FALSE(dialect->units.empty());
  }
  EXPECT_EQ(find_dialect("auto"), nullptr);
  EXPECT_EQ(find_dialect("postfi"), nullptr);
}

/// Words that servers and headers begin with: taken for queue ids, they would hide a line's host.
TEST(Dialect, AnEverydayWordIsNoQueueId) {
  for (const char* text : {"mta postfix/smtp[7]: x", "last message repeated 2 times", "NOQUEUE: reject: RCPT",
                           "warning: x", "550 5.1.1 User unknown", "host: x", ""})
    EXPECT_FALSE(begins_with_queue_id(text)) << text;
  EXPECT_TRUE(begins_with_queue_id(kBounce));
  EXPECT_TRUE(begins_with_queue_id(kSendmailBounce));
}

TEST(Dialect, APermanentFailureIsUrgentInEveryDialect) {
  EXPECT_TRUE(may_tell_permanent_failure(kBounce));
  EXPECT_TRUE(may_tell_permanent_failure(kSendmailBounce));
  EXPECT_FALSE(
      may_tell_permanent_failure("4F1C2A0B01: to=<a@b.example>, relay=none, dsn=4.4.1, status=deferred"));
}

TEST(Dialect, TheProgramNameDecides) {
  EXPECT_EQ(name_of_dialect(entry_of("postfix/smtp", "")), "postfix");
  EXPECT_EQ(name_of_dialect(entry_of("smtp-uol/smtp", "")), "postfix");
  EXPECT_NE(name_of_dialect(entry_of("sendmail", kBounce)), "postfix");
  EXPECT_EQ(name_of_dialect(entry_of("sm-mta", "")), "sendmail");
  EXPECT_EQ(name_of_dialect(entry_of("sendmail", "")), "sendmail");
  EXPECT_NE(name_of_dialect(entry_of("postfix/sendmail", kSendmailBounce)), "sendmail");
  EXPECT_NE(name_of_dialect(entry_of("dovecot", kSendmailBounce)), "sendmail");
}

TEST(Dialect, AnotherProgramTeachesNothingWhateverItWrites) {
  for (const char* tag : {"logger", "dovecot", "kernel", "opendkim", "su"}) {
    EXPECT_EQ(parse_entry(entry_of(tag, kBounce)).understood(), Understood::teaches_nothing) << tag;
    EXPECT_EQ(parse_entry(entry_of(tag, kSendmailBounce)).understood(), Understood::teaches_nothing) << tag;
  }
}

TEST(Dialect, AFixedDialectBelievesEveryProgram) {
  EXPECT_TRUE(parse_entry(entry_of("mailer", kBounce), find_dialect("postfix")));
  EXPECT_TRUE(parse_entry(entry_of("mailer", kSendmailBounce), find_dialect("sendmail")));
  EXPECT_FALSE(parse_entry(entry_of("postfix/smtp", kBounce), find_dialect("sendmail")));
}

TEST(Dialect, TheInstanceIsTheFirstPartOfTheProgramName) {
  for (const auto& [tag, instance] : {std::pair{"postfix/smtp", "postfix"},
                                      {"postfix/relay/smtp", "postfix"},
                                      {"postfix-out/smtp", "postfix-out"},
                                      {"smtp-uol/smtp", "smtp-uol"}}) {
    const auto reading = parse_entry(entry_of(tag, kBounce));
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->key.instance, instance);
    EXPECT_EQ(reading->key.host, "mta");
  }
}

TEST(Recipients, AreTheSameInTheirOrderHoweverManyThereAre) {
  std::vector<std::string> names;
  Recipients recipients;
  EXPECT_TRUE(recipients.empty());
  for (int i = 0; i < 5; ++i) names.push_back("a" + std::to_string(i) + "@b.example");
  for (std::size_t i = 0; i < names.size(); ++i) {
    recipients.add(names[i]);
    const Recipients copy = recipients;
    ASSERT_EQ(copy.size(), i + 1);
    EXPECT_TRUE(std::equal(copy.begin(), copy.end(), names.begin()));
    EXPECT_EQ(copy[i], names[i]);
  }
  EXPECT_EQ(Recipients("").size(), 1u) << "an address may be empty: to=<>";
}

/// Reads a line in every way there is. An event's views must lie in the line, or nowhere.
void read_in_every_way(const std::string& line) {
  LogLineReader reader(LineClock::make("UTC", from_unix(1795251602), std::nullopt).value());
  for (const auto& entry :
       {reader.read(line), parse_bare_line(line), std::optional(entry_of("postfix/smtp", line)),
        std::optional(entry_of("", line))}) {
    if (!entry) continue;
    std::vector<const Dialect*> all{nullptr};
    all.insert(all.end(), dialects().begin(), dialects().end());
    for (const Dialect* dialect : all) {
      const auto reading = parse_entry(*entry, dialect);
      if (!reading || reading->kind() != EventKind::attempt) continue;
      for (const std::string_view recipient : reading->attempt().recipients) {
        ASSERT_TRUE(entry->message.data() <= recipient.data() &&
                    recipient.data() + recipient.size() <= entry->message.data() + entry->message.size());
      }
    }
  }
}

TEST(Dialect, NoByteAnywhereBreaksTheParsers) {
  for (const std::string_view message : {kBounce, kSendmailBounce}) {
    const std::string whole = "Nov  1 22:58:55 mta postfix/smtp[7]: " + std::string(message);
    for (std::size_t at = 0; at < whole.size(); at += 7) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string line = whole;
        line[at] = static_cast<char>(byte);
        ASSERT_NO_FATAL_FAILURE(read_in_every_way(line));
      }
    }
  }
}

TEST(Dialect, NoCutAnywhereBreaksTheParsers) {
  for (const std::string_view message : {kBounce, kSendmailBounce}) {
    for (std::size_t length = 0; length <= message.size(); ++length) {
      ASSERT_NO_FATAL_FAILURE(read_in_every_way(std::string(message.substr(0, length))));
      ASSERT_NO_FATAL_FAILURE(
          read_in_every_way("Nov  1 22:58:55 mta sm-mta[7]: " + std::string(message.substr(0, length))));
      ASSERT_NO_FATAL_FAILURE(read_in_every_way(std::string(message.substr(length))));
    }
  }
}

TEST(Dialect, AVeryLongLineIsReadInLinearTime) {
  const std::string long_local_part(1 << 18, '"');
  const std::string many_brackets(1 << 18, '>');
  std::string many_recipients = "6AKNELkC010160: to=";
  for (int i = 0; i < 1 << 15; ++i) many_recipients += "<a@b>,";
  read_in_every_way("4F1C2A0B01: to=<" + long_local_part + "@b>, relay=none, status=sent (x)");
  read_in_every_way("4F1C2A0B01: to=<" + many_brackets);
  read_in_every_way("4F1C2A0B01: from=<" + many_brackets);
  read_in_every_way(many_recipients + "<a@b>, dsn=2.0.0, stat=Sent");
  read_in_every_way("6AKNELkC010160: to=" + std::string(1 << 18, '<'));
  read_in_every_way("6AKNELkC010160: to=" + std::string(1 << 18, ','));
}

}  // namespace
}  // namespace suppressd
