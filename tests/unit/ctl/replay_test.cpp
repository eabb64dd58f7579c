#include <set>

#include <archive.h>
#include <archive_entry.h>

#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

const std::string kOctober =
    postfix_message("2026-10-01T10:00:00+00:00", "AAAAAA1", "dead@example.com", kDead);
const std::string kNovember =
    postfix_message("2026-11-01T10:00:00+00:00", "AAAAAA2", "dead@example.com", kSent) +
    postfix_message("2026-11-01T10:00:01+00:00", "AAAAAA3", "gone@example.org", kDead);

std::string compressed(const std::string& text, int (*add_filter)(archive*)) {
  std::string bytes(text.size() + 4096, '\0');
  std::size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_set_format_raw(writer);
  add_filter(writer);
  archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, text.data(), text.size());
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  bytes.resize(used);
  return bytes;
}

class ReplayCommand : public CtlTest {
 protected:
  nlohmann::json last_object(const Ran& ran) {
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.objects().back();
  }
};

TEST_F(ReplayCommand, makes_the_database_and_suppresses_a_dead_mailbox) {
  const auto ran = ctl({"replay", write("mail.log", kOctober)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("mail.log: 4 new lines"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.err, "");
  EXPECT_TRUE(is_refused("dead@example.com"));
  EXPECT_FALSE(is_refused("app@example.test"));
}

TEST_F(ReplayCommand, a_future_event_refuses_no_one_and_is_reported) {
  const auto log = write("mail.log", kOctober + postfix_message("2099-10-01T10:00:00+00:00", "AAAAAA9",
                                                                "later@example.com", kDead));
  const auto ran = ctl({"replay", log});
  EXPECT_NE(ran.out.find("1 event is "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find(" ahead of the clock (the log of "), std::string::npos) << ran.out;
  EXPECT_TRUE(is_refused("dead@example.com"));
  EXPECT_FALSE(is_refused("later@example.com"));
  EXPECT_NE(
      ctl({"dump"}).out.find("\"table\":\"waiting\",\"at\":\"2099-10-01T10:00:00Z\",\"outcome\":{\"kind\""),
      std::string::npos);
  EXPECT_EQ(ctl({"dump", "--list"}).out.find("waiting"), std::string::npos);
}

TEST_F(ReplayCommand, the_same_log_again_gives_nothing_new_under_any_name_or_compression) {
  ctl({"replay", write("mail.log", kOctober)});
  const auto before = ctl({"dump"}).out;
  const std::vector<std::string> again = {
      path("mail.log"), write("mail.log.1", kOctober),
      write("mail.log.2.gz", compressed(kOctober, archive_write_add_filter_gzip)),
      write("mail.log.3.xz", compressed(kOctober, archive_write_add_filter_xz)),
      write("mail.log.4.zst", compressed(kOctober, archive_write_add_filter_zstd))};
  for (const auto& file : again) {
    const auto ran = ctl({"replay", file});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_NE(ran.out.find("known: 0 new lines"), std::string::npos) << ran.out;
  }
  EXPECT_NE(ctl({"replay", "-"}, kOctober).out.find("known: 0 new lines"), std::string::npos);
  EXPECT_EQ(ctl({"dump"}).out, before);
}

TEST_F(ReplayCommand, a_grown_log_gives_its_new_lines) {
  ctl({"replay", write("mail.log", kOctober)});
  const auto ran = ctl({"replay", write("mail.log", kOctober + kNovember)});
  EXPECT_NE(ran.out.find("known: 8 new lines"), std::string::npos) << ran.out;
  EXPECT_TRUE(is_refused("gone@example.org"));
}

TEST_F(ReplayCommand, the_same_log_twice_on_one_command_line_is_learned_once) {
  const auto ran = ctl({"--json", "replay", write("a.log", kOctober), write("b.log", kOctober)});
  const auto objects = ran.objects();
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0]["new_lines"], 4);
  EXPECT_EQ(objects[1]["new_lines"], 0);
  EXPECT_EQ(objects[1]["known"], true);
}

TEST_F(ReplayCommand, files_are_read_in_the_order_of_their_first_events) {
  const auto newer = write("a.log", kNovember);
  const auto older = write("b.log", kOctober);
  const auto objects = ctl({"--json", "replay", newer, older}).objects();
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0]["file"], older);
  EXPECT_EQ(objects[1]["file"], newer);
}

TEST_F(ReplayCommand, compressed_logs_and_standard_input_give_the_same_as_plain_ones) {
  ctl({"replay", write("mail.log", kOctober)});
  const auto plain = ctl({"dump"}).out;
  const std::vector<int (*)(archive*)> filters = {archive_write_add_filter_gzip, archive_write_add_filter_xz,
                                                  archive_write_add_filter_zstd};
  for (const auto filter : filters) {
    std::filesystem::remove(path("test.db"));
    std::filesystem::remove(path("test.db-wal"));
    std::filesystem::remove(path("test.db-shm"));
    ctl({"replay", write("packed", compressed(kOctober, filter))});
    EXPECT_EQ(ctl({"dump"}).out, plain);
  }
}

TEST_F(ReplayCommand, the_list_is_the_same_in_whatever_order_logs_are_read) {
  std::vector<std::string> logs;
  const auto add = [&](const std::string& text) {
    logs.push_back(write("log" + std::to_string(logs.size()), text));
  };
  const std::string full = "full@example.com";
  add(kOctober + postfix_message("2026-10-02T10:00:00+00:00", "BBBBBB1", full, kFull) +
      postfix_message("2026-10-04T10:00:00+00:00", "BBBBBB2", full, kFull));
  add(kNovember + postfix_message("2026-10-03T10:00:00+00:00", "CCCCCC1", full, kFull) +
      postfix_message("2026-10-05T10:00:00+00:00", "CCCCCC2", full, kFull) +
      postfix_message("2026-10-06T10:00:00+00:00", "CCCCCC3", "full2@example.com", kFull));
  // Still in the queue, and refused once: what belongs to the host.
  const std::string head = "2026-11-02T10:00:00+00:00 mta postfix/";
  const auto open =
      write("open.log",
            head + "qmgr[11]: DDDDDD1: from=<app@example.test>, size=300, nrcpt=1 (queue active)\n" + head +
                "smtp[12]: DDDDDD1: to=<busy@example.com>, relay=mx.example.net[192.0.2.1]:25, "
                "delay=1, dsn=4.2.2, status=deferred (host mx.example.net[192.0.2.1] said: 452 4.2.2 "
                "Mailbox full)\n");

  for (const auto& log : logs) ctl({"replay", log});
  const auto forth = ctl({"dump", "--list"}).out;
  for (const char* file : {"test.db", "test.db-wal", "test.db-shm"}) std::filesystem::remove(path(file));
  ctl({"replay", logs[1]});
  ctl({"replay", logs[0]});
  EXPECT_EQ(ctl({"dump", "--list"}).out, forth);
  EXPECT_NE(ctl({"list", "--ended"}).out.find(full), std::string::npos);

  ctl({"replay", open});
  sql("INSERT INTO refusal(at, address, sender, queue_id, client, kind, category, ref, outcome) "
      "VALUES (1, 'dead@example.com', '', '', '', 'hard', 'bad-mailbox', 'A', 'refused')");
  EXPECT_NE(ctl({"dump"}).out, forth);
  EXPECT_EQ(ctl({"dump", "--list"}).out, forth);
  std::set<std::string> tables;
  for (const auto& line : ctl({"dump", "--list"}).objects()) tables.insert(line["table"]);
  EXPECT_EQ(tables, (std::set<std::string>{"domain", "evidence", "policy", "recipient", "suppression"}));
}

TEST_F(ReplayCommand, a_dry_run_without_a_database_does_not_make_one) {
  const auto ran = ctl({"replay", "--dry-run", write("mail.log", kOctober)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("dead@example.com"), std::string::npos) << ran.out;
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
}

TEST_F(ReplayCommand, a_dry_run_shows_what_would_change_and_changes_nothing) {
  ctl({"replay", write("mail.log", kOctober)});
  const auto before = ctl({"dump"}).out;
  const auto ran = ctl({"--json", "replay", "--dry-run", write("mail.log", kOctober + kNovember)});
  EXPECT_EQ(last_object(ran)["suppressed"], 1);
  EXPECT_EQ(last_object(ran)["dry_run"], true);
  EXPECT_EQ(ctl({"dump"}).out, before);
  EXPECT_FALSE(is_refused("gone@example.org"));
  for (const auto& entry : std::filesystem::directory_iterator(path(""))) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("suppressctl-"))
        << "left behind: " << entry.path();
  }
}

TEST_F(ReplayCommand, a_missing_file_stops_before_anything_is_learned) {
  const auto ran = ctl({"replay", write("mail.log", kOctober), path("none.log")});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("none.log"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
}

TEST_F(ReplayCommand, a_binary_file_is_not_read_as_a_log) {
  std::string binary(
      "\x7f"
      "ELF\2\1\1\0\0\0\0\n",
      12);
  for (const auto& text :
       {binary + std::string(5000, '\0') + "\nrodata\n", compressed(binary, archive_write_add_filter_gzip)}) {
    const auto ran = ctl({"replay", write("mail.log", kOctober), write("program", text)});
    EXPECT_EQ(ran.status, 2);
    EXPECT_NE(ran.err.find("program does not look like a mail log"), std::string::npos) << ran.err;
    EXPECT_FALSE(std::filesystem::exists(path("test.db")));
  }
}

TEST_F(ReplayCommand, a_log_without_mail_or_with_a_hole_is_not_called_binary) {
  const auto quiet =
      ctl({"replay", write("quiet.log",
                           "Nov 21 09:00:03 mta cron[1]: nothing\nNov 21 09:00:04 mta cron[1]: nothing\n")});
  EXPECT_EQ(quiet.status, 0) << quiet.err;
  const auto crashed = ctl({"replay", write("crashed.log", std::string(4096, '\0') + "\n" + kOctober)});
  EXPECT_EQ(crashed.status, 0) << crashed.err;
  EXPECT_TRUE(is_refused("dead@example.com"));
  EXPECT_EQ(ctl({"replay", write("words.log", "what is this?\n")}).status, 0);
}

TEST_F(ReplayCommand, an_empty_log_gives_0_lines) {
  const auto ran = ctl({"replay", write("mail.log", "")});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("0 new lines"), std::string::npos) << ran.out;
}

TEST_F(ReplayCommand, an_incomplete_last_line_is_learned_from) {
  auto text = kOctober;
  text.pop_back();
  EXPECT_NE(ctl({"replay", write("mail.log", text)}).out.find("4 new lines"), std::string::npos);
}

TEST_F(ReplayCommand, a_delivery_between_ends_the_streak) {
  const auto log = postfix_message("2026-10-01T10:00:00+00:00", "AAAAAA1", "full@example.com", kFull) +
                   postfix_message("2026-10-02T10:00:00+00:00", "AAAAAA2", "full@example.com", kFull);
  ctl({"replay", write("a.log", log)});
  EXPECT_EQ(ctl({"--json", "show", "full@example.com"}).objects().at(0)["streak"], 2);
  ctl({"replay",
       write("b.log", postfix_message("2026-10-03T10:00:00+00:00", "AAAAAA3", "full@example.com", kSent))});
  EXPECT_EQ(ctl({"--json", "show", "full@example.com"}).objects().at(0)["streak"], 0);
}

TEST_F(ReplayCommand, a_delivery_ends_a_soft_entry_and_the_audit_says_so) {
  std::string log;
  for (int day = 1; day <= 3; ++day)
    log += postfix_message("2026-11-1" + std::to_string(day) + "T10:00:00+00:00",
                           "AAAAAA" + std::to_string(day), "full@example.com", kFull);
  ctl({"replay", write("a.log", log)});
  EXPECT_EQ(ctl({"--json", "list", "--ended"}).objects().at(0)["kind"], "soft");
  ctl({"replay",
       write("b.log", postfix_message("2026-11-14T10:00:00+00:00", "AAAAAA4", "full@example.com", kSent))});
  const auto story = ctl({"--json", "show", "full@example.com"}).objects().at(0);
  EXPECT_TRUE(story["entries"].empty());
  EXPECT_EQ(story["audit"].back()["act"], "lifted");
  EXPECT_EQ(ctl({"--json", "list", "--ended"}).lines().size(), 0U);
}

TEST_F(ReplayCommand, a_gathered_delivery_does_not_overlook_a_row_by_hand) {
  ctl({"add", "a@b.example", "--for", "1d"});
  sql("INSERT INTO suppression(address, kind, since) VALUES ('a@b.example', 'hard', 1793000000)");
  ctl({"add", "a@b.example"});
  ctl({"replay",
       write("mail.log", postfix_message("2026-11-02T10:00:00+00:00", "AAAAAA1", "a@b.example", kSent))});
  const auto story = ctl({"--json", "show", "a@b.example"}).objects().at(0);
  ASSERT_EQ(story["entries"].size(), 1U) << story;
  EXPECT_EQ(story["entries"].at(0)["kind"], "manual");
  EXPECT_EQ(story["audit"].back()["act"], "lifted");
}

TEST_F(ReplayCommand, three_failed_sends_in_a_row_suppress_and_the_threshold_can_be_set) {
  std::string log;
  for (int day = 1; day <= 3; ++day) {
    log += postfix_message("2026-11-1" + std::to_string(day) + "T10:00:00+00:00",
                           "AAAAAA" + std::to_string(day), "full@example.com", kFull);
  }
  ctl({"replay", "--soft.threshold", "4", write("a.log", log)});
  EXPECT_FALSE(is_refused("full@example.com"));
  ctl({"replay",
       write("b.log", postfix_message("2026-11-14T10:00:00+00:00", "AAAAAA4", "full@example.com", kFull)),
       "--soft.threshold", "4"});
  EXPECT_EQ(ctl({"--json", "list", "--ended"}).objects().at(0)["kind"], "soft");
}

TEST_F(ReplayCommand, an_entry_whose_time_is_past_is_not_counted_as_in_force) {
  std::string log;
  for (int day = 1; day <= 3; ++day) {
    log += postfix_message("2020-11-1" + std::to_string(day) + "T10:00:00+00:00",
                           "AAAAAA" + std::to_string(day), "full@example.com", kFull);
  }
  const auto end = last_object(ctl({"--json", "replay", write("a.log", log)}));
  EXPECT_EQ(end["suppressed"], 0);
  EXPECT_EQ(end["lifted"], 1);
}

}  // namespace
}  // namespace suppressd::ctl
