#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

class CommandLine : public CtlTest {};

TEST_F(CommandLine, help_exits_0_and_names_every_command) {
  const auto ran = ctl_bare({"--help"});
  EXPECT_EQ(ran.status, 0);
  for (const char* name : {"check", "show", "list", "add", "lift", "confirm", "undo", "report", "alerts",
                           "breaker", "import", "exempt", "enforcement", "classify", "replay", "dump"}) {
    EXPECT_NE(ran.out.find(std::string("\n  ") + name), std::string::npos) << name;
  }
}

TEST_F(CommandLine, help_of_a_command_exits_0) {
  EXPECT_EQ(ctl_bare({"undo", "--help"}).status, 0);
  EXPECT_EQ(ctl_bare({"exempt", "add", "--help"}).status, 0);
}

TEST_F(CommandLine, usage_errors_exit_2_with_one_line_on_stderr) {
  const std::vector<std::vector<std::string>> wrong = {
      {},         {"nonsense"}, {"check"},        {"list", "--nonsense"}, {"undo", "--revert", "x"},
      {"exempt"}, {"replay"},   {"dump", "extra"}};
  for (const auto& arguments : wrong) {
    const auto ran = ctl_bare(arguments);
    EXPECT_EQ(ran.status, 2) << (arguments.empty() ? "nothing" : arguments[0]);
    EXPECT_TRUE(ran.err.starts_with("suppressctl: ")) << ran.err;
    EXPECT_EQ(ran.err.find('\n'), ran.err.size() - 1) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(CommandLine, an_empty_value_is_an_error_in_every_command) {
  ctl({"add", "a@b.example"});
  const auto before = ctl({"dump"}).out;
  const std::vector<std::vector<std::string>> wrong = {
      {"check", ""},
      {"show", "a@b.example", ""},
      {"list", "--kind", ""},
      {"list", "--provider", ""},
      {"list", "--provider", " "},
      {"add", "c@d.example", "--note", ""},
      {"add", "c@d.example", "--for", ""},
      {"add", "c@d.example", "--until", ""},
      {"add", "c@d.example", "--kind", ""},
      {"add", "c@d.example", ""},
      {"add", "--file", ""},
      {"lift", "a@b.example", "--note", ""},
      {"lift", "a@b.example", "--scope", ""},
      {"import", "--postmaster", ""},
      {"add", "a@b.example", "--scope", ""},
      {"list", "--scope", ""},
      {"check", "a@b.example", "--from", ""},
      {"confirm", "--rule", ""},
      {"undo", "--since", ""},
      {"undo", "--since", "2020-01-01", "--until", ""},
      {"undo", "--revert", ""},
      {"undo", "--since", "2020-01-01", "--text", ""},
      {"undo", "--incident", ""},
      {"undo", "--campaign", ""},
      {"undo", "--source", ""},
      {"undo", "--account", ""},
      {"report", "--since", ""},
      {"report", "--by", ""},
      {"alerts", "--mail", ""},
      {"alerts", "--mail", "c@d.example", "--from", ""},
      {"alerts", "--mail", "c@d.example", "--sendmail", ""},
      {"breaker", "resume", ""},
      {"breaker", "resume", "x", "--for", ""},
      {"breaker", "queued", ""},
      {"exempt", "add", "c@d.example", "--note", ""},
      {"exempt", "remove", ""},
      {"enforcement", "off", "--for", ""},
      {"enforcement", "off", "--for", "2h", "--note", ""},
      {"classify", ""},
      {"replay", ""},
      {"replay", "--transaction", "", path("suppressd.conf")},
      {"replay", "--dry-run", "--rules", "", path("suppressd.conf")},
      {"backup", ""},
      {"list", "--soft.threshold", ""},
      {"list", "--db", ""},
      {"list", "--config", ""},
      {"add", "--note=", "c@d.example"},
      {"list", "--db="},
  };
  for (const auto& arguments : wrong) {
    const auto ran = ctl(arguments);
    const auto shown = testing::PrintToString(arguments);
    EXPECT_EQ(ran.status, 2) << shown;
    EXPECT_NE(ran.err.find("the value is empty (is a shell variable not set?)"), std::string::npos)
        << shown << ran.err;
    EXPECT_EQ(ran.out, "") << shown;
  }
  EXPECT_EQ(ctl({"dump"}).out, before);
}

TEST_F(CommandLine, an_error_names_the_option_that_has_no_value) {
  for (const char* option : {"--provider", "--provider", "--category", "--rule", "--until"}) {
    for (const auto& value :
         {std::vector<std::string>{option, ""}, {std::string(option) + "="}, {option, "--dry-run"}}) {
      std::vector<std::string> arguments = {"undo", "--since", "2h"};
      arguments.insert(arguments.end(), value.begin(), value.end());
      const auto ran = ctl_bare(arguments);
      EXPECT_EQ(ran.status, 2) << option;
      EXPECT_TRUE(ran.err.starts_with(std::string("suppressctl: ") + option + ": ")) << ran.err;
    }
  }
}

TEST_F(CommandLine, the_next_option_is_not_read_as_the_value_of_the_one_before) {
  for (const auto& arguments : {std::vector<std::string>{"add", "a@b.example", "--note", "--json"},
                                {"add", "a@b.example", "--note", "--for"}}) {
    const auto ran = ctl(arguments);
    EXPECT_EQ(ran.status, 2);
    EXPECT_NE(ran.err.find("--note: no value before " + arguments.back()), std::string::npos) << ran.err;
  }
  EXPECT_FALSE(std::filesystem::exists(path("test.db")));
  EXPECT_EQ(ctl({"add", "a@b.example", "--note", "-- asked by phone --"}).status, 0);
}

TEST_F(CommandLine, a_list_of_the_configuration_may_be_empty) {
  ctl({"add", "a@b.example"});
  EXPECT_EQ(ctl({"list", "--mta.relays", ""}).status, 0);
}

TEST_F(CommandLine, a_misspelt_command_or_option_is_not_left_unexplained) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"chek", "a@b.example"}, "unknown command chek; did you mean check? (see suppressctl --help)"},
      {{"exempt", "ad", "a@b.example"},
       "unknown command ad; did you mean add? (see suppressctl exempt --help)"},
      {{"exempt"}, "exempt: the command is missing (see suppressctl exempt --help)"},
      {{}, "the command is missing (see suppressctl --help)"},
      {{"undo", "--sinse", "2h"},
       "unknown option --sinse; did you mean --since? (see suppressctl undo --help)"},
      {{"undo", "--sinse=2h"}, "unknown option --sinse; did you mean --since? (see suppressctl undo --help)"},
      {{"check", "--jsno"}, "unknown option --jsno; did you mean --json? (see suppressctl check --help)"},
      {{"list", "--soft.treshold", "5"},
       "unknown option --soft.treshold; did you mean --soft.threshold? (see suppressctl list --help)"},
      {{"undo", "--since"},
       "--since: the value is missing (is a shell variable not set?) (see suppressctl undo --help)"},
      {{"list", "-x"}, "unknown option -x (see suppressctl list --help)"},
      {{"nonsense"}, "unknown command nonsense (see suppressctl --help)"},
  };
  for (const auto& [arguments, message] : wrong) {
    const auto ran = ctl_bare(arguments);
    EXPECT_EQ(ran.status, 2) << message;
    EXPECT_EQ(ran.err, "suppressctl: " + message + "\n");
  }
}

TEST_F(CommandLine, unexpected_arguments_are_not_printed_backwards) {
  const auto ran = ctl_bare({"dump", "one", "two", "three"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err, "suppressctl: unexpected arguments one two three (see suppressctl dump --help)\n");
}

TEST_F(CommandLine, a_text_that_is_not_a_number_gets_no_range_of_doubles) {
  for (const char* number : {"x", "0", "-1", "1.5", "99999999999999999999", "1e3"}) {
    const auto revert = ctl_bare({"undo", "--revert", number});
    EXPECT_EQ(revert.status, 2) << number;
    EXPECT_EQ(revert.err, std::string("suppressctl: --revert: \"") + number +
                              "\" is not the number of an act, as undo and lift print it, a positive "
                              "whole number (see suppressctl undo --help)\n");
    EXPECT_EQ(ctl_bare({"replay", "x.log", "--transaction", number}).status, 2) << number;
  }
}

TEST_F(CommandLine, db_and_config_may_be_before_and_after_the_command) {
  const std::string db = path("x.db");
  const std::string config = path("suppressd.conf");
  EXPECT_EQ(ctl_bare({"--config", config, "--db", db, "add", "a@b.example"}).status, 0);
  EXPECT_EQ(ctl_bare({"check", "a@b.example", "--db", db, "--config", config}).status, 1);
  EXPECT_EQ(ctl_bare({"check", "--db=" + db, "--config=" + config, "a@b.example"}).status, 1);
  EXPECT_EQ(ctl_bare({"exempt", "list", "--db", db, "--config", config}).status, 0);
}

TEST_F(CommandLine, a_named_configuration_that_is_missing_is_an_error) {
  const auto ran = ctl_bare({"--config", path("none.conf"), "--db", path("x.db"), "list"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("none.conf"), std::string::npos);
}

TEST_F(CommandLine, the_database_of_the_configuration_is_used) {
  write("suppressd.conf", "[database]\npath = \"" + path("configured.db") + "\"\n");
  EXPECT_EQ(ctl_bare({"--config", path("suppressd.conf"), "add", "a@b.example"}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(path("configured.db")));
}

TEST_F(CommandLine, the_environment_overrides_the_file_and_the_option_both) {
  write("suppressd.conf", "[database]\npath = \"" + path("file.db") + "\"\n");
  environment_.push_back("SUPPRESSD_DATABASE_PATH=" + path("environment.db"));
  EXPECT_EQ(ctl_bare({"--config", path("suppressd.conf"), "add", "a@b.example"}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(path("environment.db")));
  EXPECT_EQ(ctl_bare({"--config", path("suppressd.conf"), "add", "a@b.example", "--database.path",
                      path("option.db")})
                .status,
            0);
  EXPECT_TRUE(std::filesystem::exists(path("option.db")));
  EXPECT_FALSE(std::filesystem::exists(path("file.db")));
}

TEST_F(CommandLine, a_bad_configuration_value_names_the_key) {
  const auto ran = ctl({"list", "--soft.threshold", "many"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("soft.threshold"), std::string::npos) << ran.err;
}

TEST_F(CommandLine, a_missing_database_is_named_and_not_made_by_a_question) {
  for (const auto& arguments : {std::vector<std::string>{"list"},
                                {"check", "a@b.example"},
                                {"show", "a@b.example"},
                                {"dump"},
                                {"lift", "a@b.example"}}) {
    const auto ran = ctl(arguments);
    EXPECT_EQ(ran.status, 2) << arguments[0];
    EXPECT_NE(ran.err.find("test.db"), std::string::npos) << ran.err;
    EXPECT_FALSE(std::filesystem::exists(path("test.db"))) << arguments[0];
  }
}

TEST_F(CommandLine, a_file_that_is_not_a_database_is_an_error) {
  write("test.db",
        "this is a text file, and rather long for a text file, so that it may not be taken for anything else "
        "at all.");
  const auto ran = ctl({"list"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("test.db"), std::string::npos) << ran.err;
}

TEST_F(CommandLine, a_file_argument_may_have_the_name_of_a_command) {
  write("list", "550 5.1.1 User unknown\n");
  environment_.push_back("PWD=" + path(""));
  const auto ran = ctl_bare({"classify", path("list")});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ctl({"add", "dump@example.com", "--note", "list"}).status, 0);
}

TEST_F(CommandLine, no_escape_sequences_where_there_is_no_terminal) {
  ctl({"add", "a@b.example"});
  EXPECT_EQ(ctl({"show", "a@b.example"}).out.find('\x1b'), std::string::npos);
}

TEST_F(CommandLine, version_exits_0) {
  const auto ran = ctl_bare({"--version"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(ran.out.starts_with("suppressctl ")) << ran.out;
}

}  // namespace
}  // namespace suppressd::ctl
