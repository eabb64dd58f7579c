#include "suppressd/config/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "suppressd/config/nearest.h"
#include "suppressd/mta/dialect.h"

namespace suppressd {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += word + "|";
  return text;
}

std::string joined(const std::vector<Duration>& steps) {
  std::string text;
  for (const auto step : steps) text += format_duration(step) + "|";
  return text;
}

/// Everything that a Config holds, so that two can be compared and a difference can be read.
std::string told(const Config& c) {
  std::ostringstream out;
  out << "path " << c.database_path << "\nkeep " << format_duration(c.retention.refusals) << ' '
      << format_duration(c.retention.evidence) << "\nsocket " << c.milter.socket << ' ' << std::oct
      << c.milter.socket_mode << std::dec << ' ' << c.milter.socket_group << "\ninbound "
      << joined(c.inbound_daemons) << "\ntrace " << c.trace_enabled << ' ' << c.trace_key_file << "\nreport "
      << format_duration(c.retention.deliveries) << ' ' << format_duration(c.learn.report_window) << ' '
      << c.learn.report_index << ' ' << c.learn.tracker.keep_message_ids << "\ndialect "
      << (c.learn.dialect != nullptr ? c.learn.dialect->name : "auto") << "\nmode "
      << static_cast<int>(c.gatekeeper.mode) << "\non_error " << static_cast<int>(c.gatekeeper.on_error)
      << "\ndelimiter " << c.gatekeeper.recipient_delimiter << "\nbypass "
      << joined(c.gatekeeper.bypass_senders) << ' ' << joined(c.gatekeeper.bypass_sasl_users) << ' '
      << joined(c.gatekeeper.bypass_networks) << "\nfiles " << joined(c.source_files) << "\njournal "
      << c.source_journal << "\nunits " << joined(c.source_units) << "\nstart "
      << static_cast<int>(c.source_start) << "\ntimezone " << c.learn.timezone << "\nlocal_relays "
      << joined(c.learn.local_relays) << ' ' << c.learn.local_relays_default << "\nrelays "
      << joined(c.learn.relays) << "\nhard " << joined(c.learn.policy.weak_ladder) << ' '
      << joined(c.learn.policy.bad_domain_ladder) << ' ' << joined(c.learn.policy.known_good_ladder) << ' '
      << c.learn.hard_burst << "\nsoft " << c.learn.policy.threshold << ' '
      << format_duration(c.learn.tracker.retry_window) << ' ' << format_duration(c.learn.policy.min_interval)
      << ' ' << joined(c.learn.policy.soft_ladder) << ' ' << format_duration(c.learn.policy.stale_after)
      << "\ncomplaint " << c.learn.complaints_scoped << "\nactions";
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    out << ' ' << name_of(c.learn.actions[static_cast<Category>(i)]);
  out << "\nbreaker " << c.learn.breaker.dimensions.size() << ' ' << static_cast<int>(c.learn.breaker.action)
      << ' ' << joined(c.learn.breaker.pauses) << ' ' << c.learn.breaker.test_messages << ' '
      << format_duration(c.learn.breaker.test_for) << ' ' << c.warm_up.start << ' ' << c.warm_up.growth;
  out << "\nrules " << joined(c.rules_files) << "\nlog " << c.log_level << '\n';
  return out.str();
}

const std::string kDefaults = told(Config{});

/// The error that a text gives, having checked that it left the Config alone.
std::string mistake(std::string_view text) {
  Config config;
  const auto status = read_config_text(text, "test.conf", config);
  EXPECT_EQ(told(config), kDefaults);
  return status ? "no mistake" : status.error().message;
}

bool says(const std::string& message, std::string_view words) {
  return message.find(words) != std::string::npos;
}

std::string shipped_file() {
  std::ifstream file(SUPPRESSD_SOURCE_DIR "/conf/suppressd.conf");
  EXPECT_TRUE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::regex kCommentedKey("#(?=[a-z_-]+ = )");
const std::regex kKeyLine("#?([a-z_-]+) = (.*)");
const std::regex kSectionLine(R"(\[([a-z_]+)\])");

TEST(ShippedConfig, changes_nothing_as_it_is) {
  Config config;
  const auto status = read_config_text(shipped_file(), "suppressd.conf", config);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(told(config), kDefaults);
}

TEST(ShippedConfig, shows_every_key_at_its_default) {
  std::istringstream lines(shipped_file());
  std::string uncommented;
  std::string section;
  std::vector<std::string> shown;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kSectionLine)) section = match[1];
    if (std::regex_match(line, match, kKeyLine)) shown.push_back(section + "." + match[1].str());
    uncommented +=
        std::regex_replace(line, kCommentedKey, "", std::regex_constants::format_first_only) + "\n";
  }
  std::vector<std::string> known;
  for (const auto& key : config_keys()) known.push_back(key.name);
  EXPECT_EQ(shown, known);

  // Every value differs from what the file will say, so that a key that sets nothing is found out.
  Config config;
  config.database_path = "x";
  config.retention = {Duration{1}, Duration{1}, RetentionSettings{}.recipients};
  config.milter = {"x", 0, "x"};
  config.gatekeeper = {Mode::monitor, OnError::tempfail, {"x"}, {"x"}, {"x"}};
  config.source_files = config.source_units = config.learn.local_relays = config.learn.relays =
      config.rules_files = config.inbound_daemons = {"x"};
  config.trace_enabled = false;
  config.trace_key_file = "x";
  config.retention.deliveries = config.learn.report_window = Duration{1};
  config.learn.report_index = config.learn.tracker.keep_message_ids = true;
  config.source_journal = config.learn.timezone = config.log_level = "x";
  config.source_start = StartAt::beginning;
  config.learn.local_relays_default = false;
  config.learn.dialect = dialects().front();
  config.learn.hard_burst = 1;
  config.learn.policy = {1, Duration{1}, Duration{1}, {}, {}, {}};
  config.learn.tracker.retry_window = Duration{1};
  config.learn.breaker = {{BreakerDimension::source}, BreakerAction::hold, {}, 1, Duration{1}};
  config.warm_up = {.start = 1, .growth = 1};
  config.learn.complaints_scoped = false;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (is_failure(category))
      config.learn.actions.set(category,
                               ActionTable{}[category] == Action::none ? Action::soft : Action::none);
  }
  const auto status = read_config_text(uncommented, "suppressd.conf", config);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(told(config), kDefaults);
}

TEST(ShippedConfig, is_what_the_daemon_can_start_with) {
  EXPECT_TRUE(check_config(Config{}).ok());
}

TEST(ShippedConfig, names_every_dialect) {
  for (const Dialect* dialect : dialects()) {
    const auto quoted = '"' + std::string(dialect->name) + '"';
    EXPECT_TRUE(says(shipped_file(), quoted)) << "conf/suppressd.conf does not name " << quoted;
    Config config;
    ASSERT_TRUE(read_config_text("mta.dialect = " + quoted, "test.conf", config).ok()) << quoted;
    EXPECT_EQ(config.learn.dialect, dialect);
  }
  EXPECT_TRUE(says(mistake("mta.dialect = \"qmail\""), "is not one of auto, "));
}

TEST(ConfigText, sets_every_key) {
  Config config;
  const auto status = read_config_text(R"(
log.level = "debug"
[database]
path = "/srv/list.db"
keep_refusals = "forever"
keep_evidence = "1d"
[milter]
socket = "inet:8891@127.0.0.1"
socket_mode = "0600"
socket_group = "postfix"
mode = "monitor"
on_error = "tempfail"
recipient_delimiter = "+-"
bypass_senders = ["Root@Example.COM", "@b\u00fccher.example"]
bypass_sasl_users = ["billing"]
bypass_networks = ["192.0.2.0/24", "2001:db8::/32"]
[source]
files = ["/var/log/mail.log", "/var/log/mail,2.log"]
journal = true
units = ["mta.service"]
start = "beginning"
timezone = "Europe/Berlin"
[mta]
local_relays = ["10.0.0.1", "unix"]
relays = ["smtp.example.com"]
[hard]
weak_for = ["1d"]
bad_domain_for = ["1d", "2d"]
known_good_for = ["7d", "forever"]
burst = 0
[soft]
threshold = 5
retry_window = "24h"
min_interval = "0s"
suppress_for = "forever"
stale_after = "forever"
[complaint]
scope = "all"
[action]
blocked = "soft"
bad-mailbox = "none"
complaint = "none"
[rules]
files = ["/etc/suppressd/rules.toml"]
[breaker]
dimensions = ["campaign", "sender-domain"]
action = "hold"
pauses = ["10m", "1h"]
test_messages = 50
test_for = "1h"
[warm_up]
start = 100
growth = 2
)",
                                       "test.conf", config);
  ASSERT_TRUE(status.ok()) << status.error().message;
  Config expected;
  expected.log_level = "debug";
  expected.database_path = "/srv/list.db";
  expected.retention.refusals = kForever;
  expected.retention.evidence = std::chrono::hours(24);
  expected.milter = {"inet:8891@127.0.0.1", 0600, "postfix"};
  expected.gatekeeper = {.mode = Mode::monitor,
                         .on_error = OnError::tempfail,
                         .recipient_delimiter = "+-",
                         .bypass_senders = {"root@example.com", "@xn--bcher-kva.example"},
                         .bypass_sasl_users = {"billing"},
                         .bypass_networks = {"192.0.2.0/24", "2001:db8::/32"}};
  expected.source_files = {"/var/log/mail.log", "/var/log/mail,2.log"};
  expected.source_journal = "yes";
  expected.source_units = {"mta.service"};
  expected.source_start = StartAt::beginning;
  expected.learn.breaker = {{BreakerDimension::campaign, BreakerDimension::sender_domain},
                            BreakerAction::hold,
                            {std::chrono::minutes(10), std::chrono::hours(1)},
                            50,
                            std::chrono::hours(1)};
  expected.warm_up = {.start = 100, .growth = 2};
  expected.learn.timezone = "Europe/Berlin";
  expected.learn.local_relays = {"10.0.0.1", "unix"};
  expected.learn.local_relays_default = false;
  expected.learn.relays = {"smtp.example.com"};
  expected.learn.hard_burst = 0;
  const auto day = std::chrono::hours(24);
  expected.learn.policy = {5, Duration{0}, kForever, {kForever}, {day}, {day, 2 * day}, {7 * day, kForever}};
  expected.learn.tracker.retry_window = day;
  expected.learn.complaints_scoped = false;
  expected.learn.actions.set(Category::blocked, Action::soft);
  expected.learn.actions.set(Category::bad_mailbox, Action::none);
  expected.learn.actions.set(Category::complaint, Action::none);
  expected.rules_files = {"/etc/suppressd/rules.toml"};
  EXPECT_EQ(told(config), told(expected));
}

TEST(ConfigText, tags_have_sources_and_one_that_cannot_be_read_is_named) {
  Config config;
  ASSERT_TRUE(
      read_config_text("[tags]\ncampaign = \"header:X-Campaign\"\nsource = \"list-id\"\n"
                       "account = \"sasl\"\ncontact = \"header:Feedback-ID:2\"\n",
                       "test.conf", config));
  EXPECT_EQ(config.tags, (TagSources{.campaign = *tag_source_from("header:X-Campaign"),
                                     .source = *tag_source_from("list-id"),
                                     .account = *tag_source_from("sasl"),
                                     .contact = *tag_source_from("header:Feedback-ID:2")}));
  EXPECT_TRUE(says(mistake("[tags]\ncampaign = \"login\"\n"), "test.conf:2: "));
  EXPECT_TRUE(says(mistake("[tags]\ncampaign = \"login\"\n"), "header:NAME"));
}

TEST(ConfigText, an_unknown_key_is_named_with_its_line_and_the_one_that_was_meant) {
  EXPECT_EQ(mistake("[soft]\n\ntreshold = 5\n"),
            "test.conf:3: unknown key \"soft.treshold\" (did you mean \"soft.threshold\"?)");
  EXPECT_EQ(mistake("[soft]\nburst = 5\n"),
            "test.conf:2: unknown key \"soft.burst\" (did you mean \"hard.burst\"?)");
  EXPECT_EQ(mistake("threshold = 5\n"),
            "test.conf:1: unknown key \"threshold\" (did you mean \"soft.threshold\"?)");
  EXPECT_EQ(mistake("[action]\nbad_mailbox = \"soft\"\n"),
            "test.conf:2: unknown key \"action.bad_mailbox\" (did you mean \"action.bad-mailbox\"?)");
  EXPECT_EQ(
      mistake("[hard]\nxyz = 5\n"),
      "test.conf:2: unknown key \"hard.xyz\"; [hard] has weak_for, bad_domain_for, known_good_for, burst");
  EXPECT_TRUE(
      says(mistake("[action]\ndelivered = \"hard\"\n"), "test.conf:2: unknown key \"action.delivered\""));
  EXPECT_TRUE(says(mistake("[soft.deep]\nthreshold = 5\n"), "test.conf:1: unknown key \"soft.deep\""));
}

TEST(ConfigText, an_unknown_section_is_named) {
  EXPECT_EQ(mistake("\n[filter]\nsocket = 5\n"),
            "test.conf:2: unknown section [filter] (did you mean [milter]?)");
  EXPECT_EQ(
      mistake("[zzzzzzzzz]\n"),
      "test.conf:1: unknown section [zzzzzzzzz]; the sections are database, recipient, milter, tags, "
      "breaker, warm_up, trace, report, source, mta, hard, incident, soft, complaint, action, rules, log");
}

TEST(ConfigText, a_value_of_the_wrong_type_is_reported_with_what_the_key_takes) {
  EXPECT_EQ(mistake("[soft]\nthreshold = \"5\"\n"),
            "test.conf:2: soft.threshold takes a whole number from 1 to 100; this is a quoted string");
  EXPECT_EQ(mistake("[soft]\nretry_window = 72\n"),
            "test.conf:2: soft.retry_window takes a duration such as 72h, in quotes; this is a whole number");
  EXPECT_TRUE(says(mistake("[soft]\nthreshold = 3.5\n"), "a number with a fraction"));
  EXPECT_TRUE(says(mistake("[soft]\nthreshold = true\n"), "true or false"));
  EXPECT_TRUE(says(mistake("[soft]\nthreshold = [3]\n"), "a list"));
  EXPECT_TRUE(says(mistake("soft.threshold.x = 3\n"), "a section"));
  EXPECT_TRUE(says(mistake("[log]\nlevel = 2026-11-01\n"), "a date or time"));
  EXPECT_TRUE(says(mistake("[milter]\nsocket_mode = 0o660\n"), "a whole number"));
  EXPECT_TRUE(says(mistake("[source]\nfiles = [\n  \"/var/log/mail.log\",\n  5]\n"),
                   "test.conf:4: source.files takes absolute paths, in quotes"));
  EXPECT_TRUE(says(mistake("soft = 3\n"), "test.conf:1: unknown key \"soft\""));
}

TEST(ConfigText, invalid_toml_is_refused_with_its_line) {
  EXPECT_TRUE(says(mistake("[soft]\nretry_window = 72h\n"), "test.conf:2: this is not valid TOML"));
  EXPECT_TRUE(says(mistake("[soft]\nthreshold = 3\nthreshold = 4\n"), "test.conf:3: this is not valid TOML"));
  EXPECT_TRUE(says(mistake("[soft]\nmode = \"\xff\"\n"), "test.conf:2: this is not valid TOML"));
  EXPECT_TRUE(says(mistake("[soft\n"), "\"72h\""));
}

TEST(ConfigText, of_several_errors_the_first_is_reported_and_the_lines_of_all) {
  EXPECT_EQ(
      mistake("[soft]\nthreshold = 0\n[hard]\nbrust = 5\n[log]\nlevel = \"loud\"\n"),
      "test.conf:2: soft.threshold: \"0\" is not a whole number from 1 to 100 (more errors in line 4, 6)");
}

struct BadValue {
  std::string key;
  std::string value;  ///< As in TOML.
  std::string words;
};

TEST(ConfigText, bad_values_are_refused_with_what_would_be_right) {
  const std::string long_path(120, 'x');
  const std::vector<BadValue> cases{
      {"database.path", "\"list.db\"", "absolute path"},
      {"database.path", "\"\"", "absolute path"},
      {"database.path", "\"/srv/\"", "folder"},
      {"database.path", "\"/srv/\\u0000x\"", "null character"},
      {"database.keep_refusals", "\"30\"", "30d"},
      {"database.keep_evidence", "\"-1d\"", "30d"},
      {"recipient.keep", "\"400\"", "30d"},
      {"breaker.dimensions", "[\"provider\"]", "campaign, source, account, sender-domain"},
      {"breaker.dimensions", "[\"source\", \"source\"]", "twice"},
      {"breaker.action", "\"reject\"", "tempfail, hold"},
      {"breaker.pauses", "[]", "1h"},
      {"breaker.pauses", "[\"forever\"]", "72h"},
      {"breaker.test_messages", "5", "10"},
      {"breaker.test_for", "\"0s\"", "72h"},
      {"warm_up.growth", "0.5", "from 1 to 10"},
      {"warm_up.growth", "\"1.25\"", "a number from 1 to 10"},
      {"milter.socket", "\"unix:suppressd.sock\"", "absolute"},
      {"milter.socket", "\"inet:8891\"", "inet:8891@127.0.0.1"},
      {"milter.socket", "\"unix:/" + long_path + "\"", "107"},
      {"milter.socket", "\"tcp:1\"", "unix:/path"},
      {"milter.socket_mode", "\"rw\"", "0660"},
      {"milter.socket_mode", "\"1777\"", "0660"},
      {"milter.socket_mode", "\"0689\"", "0660"},
      {"milter.mode", "\"on\"", "enforce, monitor"},
      {"milter.on_error", "\"reject\"", "accept, tempfail"},
      {"milter.recipient_delimiter", "\"a\"", "for example, \"+\""},
      {"milter.recipient_delimiter", "\"@\"", "for example, \"+\""},
      {"milter.recipient_delimiter", "\"+-=\"", "two characters"},
      {"milter.bypass_senders", "[\"example.com\"]", "user@example.com"},
      {"milter.bypass_sasl_users", "[\"\"]", "empty"},
      {"milter.bypass_networks", "[\"192.0.2.0/33\"]", "192.0.2.0"},
      {"milter.bypass_networks", "[\"example.com\"]", "192.0.2."},
      {"source.files", "[\"mail.log\"]", "absolute path"},
      {"source.journal", "\"maybe\"", "auto"},
      {"source.journal", "\"var/log/journal\"", "auto"},
      {"source.units", "[\"\"]", "empty"},
      {"source.start", "\"middle\"", "end, beginning"},
      {"source.timezone", "\"Mars/Olympus\"", "Mars/Olympus"},
      {"source.timezone", "\"../../etc/passwd\"", "passwd"},
      {"mta.local_relays", "[\"default\", \"10.0.0.1\"]", "must be the only entry"},
      {"mta.relays", "[\"\"]", "host name"},
      {"mta.relays", "[\"198.51.100.0/24\"]", "each address of a network"},
      {"mta.relays", "[\"default\"]", "not a host"},
      {"mta.local_relays", "[\"/var/run/lmtp\"]", "write \"unix\""},
      {"hard.weak_for", "[]", "at least one duration"},
      {"hard.weak_for", "[\"30d\", \"30d\"]", "not longer"},
      {"hard.bad_domain_for", "[\"30d\", \"7d\"]", "not longer"},
      {"hard.bad_domain_for", "[\"forever\", \"forever\"]", "not longer"},
      {"hard.burst", "-1", "0 to"},
      {"soft.threshold", "0", "1 to 100"},
      {"soft.threshold", "101", "1 to 100"},
      {"soft.threshold", "9223372036854775807", "1 to 100"},
      {"soft.retry_window", "\"0s\"", "72h"},
      {"soft.retry_window", "\"forever\"", "72h"},
      {"soft.min_interval", "\"forever\"", "72h"},
      {"soft.suppress_for", "[\"0s\"]", "suppresses no one"},
      {"soft.suppress_for", "[\"soon\"]", "30d"},
      {"soft.stale_after", "\"0s\"", "72h"},
      {"complaint.scope", "\"domain\"", "sender-domain, all"},
      {"action.bad-mailbox", "\"complaint\"", "hard, soft, none"},
      {"action.bad-mailbox", "\"Hard\"", "hard, soft, none"},
      {"action.complaint", "\"hard\"", "complaint nor none"},
      {"rules.files", "[\"rules.toml\"]", "absolute path"},
      {"log.level", "\"loud\"", "debug, info, warning, error"},
  };
  for (const auto& bad : cases) {
    const auto message = mistake("\n" + bad.key + " = " + bad.value + "\n");
    EXPECT_TRUE(message.starts_with("test.conf:2: " + bad.key)) << message;
    EXPECT_EQ(message.find(bad.key, message.find(bad.key) + 1), std::string::npos)
        << "named twice: " << message;
    EXPECT_TRUE(says(message, bad.words)) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(ConfigText, control_characters_of_a_key_or_value_do_not_reach_the_message) {
  for (const auto* text :
       {"[log]\nlevel = \"\\u001b[31m\"\n", "[log]\n\"\\u001b[31m\" = 1\n", "[\"\\u001b[31m\"]\n"}) {
    EXPECT_EQ(mistake(text).find('\x1b'), std::string::npos);
  }
}

TEST(ConfigText, local_relays_can_be_none_and_become_the_default_again) {
  Config config;
  ASSERT_TRUE(read_config_text("mta.local_relays = []", "a", config).ok());
  EXPECT_FALSE(config.learn.local_relays_default);
  EXPECT_TRUE(config.learn.local_relays.empty());
  ASSERT_TRUE(read_config_text("mta.local_relays = [\"default\"]", "a", config).ok());
  EXPECT_TRUE(config.learn.local_relays_default);
}

class ConfigFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "suppressd-config-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  Config config_;
};

TEST_F(ConfigFile, is_named_in_its_mistakes) {
  const auto path = (folder_ / "my.conf").string();
  std::ofstream(path) << "[soft]\nthreshold = 0\n";
  const auto status = read_config_file(path, true, config_);
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(status.error().message.starts_with(path + ":2: ")) << status.error().message;
  std::ofstream(path) << "[soft]\nthreshold = 7\n";
  ASSERT_TRUE(read_config_file(path, false, config_).ok());
  EXPECT_EQ(config_.learn.policy.threshold, 7);
}

TEST_F(ConfigFile, may_be_missing_only_if_no_one_asked_for_it) {
  const auto path = (folder_ / "none.conf").string();
  EXPECT_TRUE(read_config_file(path, false, config_).ok());
  const auto status = read_config_file(path, true, config_);
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(says(status.error().message, path)) << status.error().message;
  EXPECT_TRUE(says(status.error().message, "No such file")) << status.error().message;
}

TEST_F(ConfigFile, that_is_not_a_file_or_far_too_large_is_not_read) {
  EXPECT_TRUE(says(read_config_file(folder_.string(), false, config_).error().message, "not a file"));
  EXPECT_TRUE(says(read_config_file("/dev/zero", true, config_).error().message, "not a file"));
  const auto path = folder_ / "large.conf";
  std::ofstream(path).put('#');
  std::filesystem::resize_file(path, 2 << 20);
  EXPECT_TRUE(says(read_config_file(path.string(), true, config_).error().message, "1 MiB"));
}

/// Sets a variable for one test.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { unsetenv(name_.c_str()); }

 private:
  std::string name_;
};

TEST(ConfigEnvironment, sets_keys_and_lists_with_commas) {
  const Variable threshold("SUPPRESSD_SOFT_THRESHOLD", "5");
  const Variable action("SUPPRESSD_ACTION_BAD_MAILBOX", "none");
  const Variable journal("SUPPRESSD_SOURCE_JOURNAL", "false");
  const Variable files("SUPPRESSD_SOURCE_FILES", "/var/log/mail.log, /var/log/maillog");
  const Variable ladder("SUPPRESSD_SOFT_SUPPRESS_FOR", "1d,2d,forever");
  const Variable relays("SUPPRESSD_MTA_LOCAL_RELAYS", "");
  Config config;
  const auto status = read_config_environment(config);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(config.learn.policy.threshold, 5);
  EXPECT_EQ(config.learn.actions[Category::bad_mailbox], Action::none);
  EXPECT_EQ(config.source_journal, "no");
  EXPECT_EQ(joined(config.source_files), "/var/log/mail.log|/var/log/maillog|");
  EXPECT_EQ(joined(config.learn.policy.soft_ladder), "1d|2d|forever|");
  EXPECT_FALSE(config.learn.local_relays_default);
  EXPECT_TRUE(config.learn.local_relays.empty());
}

TEST(ConfigEnvironment, a_bad_value_changes_nothing_and_names_the_variable) {
  const Variable mode("SUPPRESSD_MILTER_MODE", "monitor");
  const Variable threshold("SUPPRESSD_SOFT_THRESHOLD", "many");
  Config config;
  const auto status = read_config_environment(config);
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(says(status.error().message, "SUPPRESSD_SOFT_THRESHOLD: \"many\"")) << status.error().message;
  EXPECT_EQ(told(config), kDefaults);
}

TEST(ConfigEnvironment, a_misspelt_key_is_an_error_but_foreign_variables_are_not) {
  Config config;
  {
    const Variable foreign("SUPPRESSD_CORPORA", "/x");
    const Variable prefix_only("SUPPRESSD_", "x");
    EXPECT_TRUE(read_config_environment(config).ok());
  }
  const Variable misspelt("SUPPRESSD_SOFT_TRESHOLD", "5");
  const auto status = read_config_environment(config);
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(says(status.error().message, "did you mean SUPPRESSD_SOFT_THRESHOLD?"))
      << status.error().message;
}

TEST(ConfigKeys, names_do_not_collide_and_all_are_described) {
  std::vector<std::string> names;
  for (const auto& key : config_keys()) {
    names.push_back(environment_name(key.name));
    EXPECT_FALSE(key.takes.empty()) << key.name;
    EXPECT_FALSE(key.help.empty()) << key.name;
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(ConfigKeys, a_single_value_key_takes_one_value_only) {
  Config config;
  EXPECT_TRUE(set_config_value(config, "soft.threshold", {"4"}).ok());
  EXPECT_EQ(config.learn.policy.threshold, 4);
  EXPECT_FALSE(set_config_value(config, "soft.threshold", {}).ok());
  EXPECT_FALSE(set_config_value(config, "soft.threshold", {"4", "5"}).ok());
  EXPECT_EQ(set_config_value(config, "soft.threshold", {"x"}).error().message,
            "soft.threshold: \"x\" is not a whole number from 1 to 100");
  EXPECT_TRUE(says(set_config_value(config, "soft.x", {"x"}).error().message, "unknown key \"soft.x\""));
  EXPECT_EQ(config.learn.policy.threshold, 4);
}

TEST(ConfigKeys, an_empty_value_is_the_empty_list) {
  Config config;
  config.learn.relays = {"x"};
  EXPECT_TRUE(set_config_value(config, "mta.relays", {""}).ok());
  EXPECT_TRUE(config.learn.relays.empty());
}

TEST(CheckConfig, nothing_to_learn_from_is_an_error) {
  Config config;
  config.source_journal = "no";
  EXPECT_TRUE(says(check_config(config).error().message, "source.files"));
  config.source_files = {"/var/log/mail.log"};
  EXPECT_TRUE(check_config(config).ok());
}

TEST(Config, no_interval_is_not_refused_in_another_unit) {
  for (const std::string none : {"0s", "0m", "0h", "0d"}) {
    Config config;
    const auto read = read_config_text("soft.min_interval = \"" + none + "\"\n", "test.conf", config);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(config.learn.policy.min_interval, Duration{0}) << none;
    EXPECT_TRUE(says(mistake("soft.retry_window = \"" + none + "\"\n"), "is zero")) << none;
  }
}

TEST(CheckConfig, a_breaker_needs_the_tag_that_it_watches) {
  Config config;
  config.learn.breaker.dimensions = {BreakerDimension::sender_domain, BreakerDimension::campaign};
  EXPECT_TRUE(says(check_config(config).error().message, "tags.campaign = \"header:X-campaign\""));
  config.tags.campaign = *tag_source_from("list-id");
  EXPECT_TRUE(check_config(config).ok());
}

TEST(CheckConfig, a_streak_must_be_able_to_grow) {
  Config config;
  config.learn.policy.stale_after = config.learn.policy.min_interval;
  EXPECT_TRUE(says(check_config(config).error().message, "soft.stale_after"));
}

TEST(CheckConfig, a_relay_is_not_both_smart_host_and_local) {
  Config config;
  config.learn.local_relays_default = false;
  config.learn.local_relays = {"10.0.0.1"};
  config.learn.relays = {"10.0.0.2", "10.0.0.1"};
  EXPECT_TRUE(says(check_config(config).error().message, "10.0.0.1"));
}

TEST(CheckConfig, a_relay_in_another_spelling_is_not_both_either) {
  Config config;
  ASSERT_TRUE(read_config_text(
                  "[mta]\nlocal_relays = [\"filter.example.\"]\nrelays = [\"smtp:[Filter.example]:25\"]\n",
                  "a", config)
                  .ok());
  EXPECT_EQ(config.learn.relays, std::vector<std::string>{"filter.example"});
  EXPECT_TRUE(says(check_config(config).error().message, "filter.example"));
}

TEST(Nearest, finds_the_word_that_was_meant_and_no_distant_one) {
  const std::vector<std::string> words{"threshold", "retry_window", "burst"};
  EXPECT_EQ(nearest("treshold", words), "threshold");
  EXPECT_EQ(nearest("brust", words), "burst");
  EXPECT_EQ(nearest("retry-windows", words), "retry_window");
  EXPECT_EQ(nearest("socket", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest(std::string(100000, 'x'), words), "");
  EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace suppressd
