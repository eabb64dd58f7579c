// Every NAME.log of this folder, read line by line, must give the events in NAME.events, and nothing else.
//
// The first line of a log may be a directive: `#! zone=Europe/Berlin reference=2026-03-01 dialect=sendmail`.
// Lines without a header are read as bare lines. SUPPRESSD_GOLDEN_WRITE=1 writes the events again; look at
// the difference before you keep it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suppressd/mta/dialect.h"
#include "suppressd/mta/log_line.h"

#include "event_text.h"
#include "syslog.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

struct Directive {
  std::string zone = "UTC";
  std::string reference = "2026-11-21T12:00";
  const Dialect* dialect = nullptr;
};

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

Directive read_directive(const std::string& line) {
  Directive directive;
  std::istringstream words(line.substr(2));
  for (std::string word; words >> word;) {
    const std::string value = word.substr(word.find('=') + 1);
    if (word.starts_with("zone=")) {
      directive.zone = value;
    } else if (word.starts_with("reference=")) {
      directive.reference = value;
    } else if (word.starts_with("dialect=") && find_dialect(value) != nullptr) {
      directive.dialect = find_dialect(value);
    } else {
      ADD_FAILURE() << "unknown directive " << word;
    }
  }
  return directive;
}

/// `LINE EVENT` for each line that holds one or is not understood.
std::vector<std::string> events_of(std::vector<std::string> lines) {
  Directive directive;
  if (!lines.empty() && lines[0].starts_with("#!")) directive = read_directive(lines[0]);
  const auto reference = parse_time(directive.reference);
  auto clock = LineClock::make(directive.zone, reference.value(), std::nullopt);
  LogLineReader reader(std::move(clock.value()));
  std::vector<std::string> events;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with('#')) continue;
    std::optional<LogEntry> entry = reader.read(lines[i]);
    if (!entry) entry = parse_bare_line(lines[i]);
    const std::string number = std::to_string(i + 1) + ' ';
    if (!entry) {
      events.push_back(number + "no log line");
      continue;
    }
    const Reading reading = parse_entry(*entry, directive.dialect);
    if (reading.understood() != Understood::teaches_nothing)
      events.push_back(number + event_text(*entry, reading));
  }
  return events;
}

std::string difference(const std::vector<std::string>& wanted, const std::vector<std::string>& got) {
  std::string text;
  for (const std::string& line : wanted) {
    if (std::find(got.begin(), got.end(), line) == got.end()) text += "- " + line + '\n';
  }
  for (const std::string& line : got) {
    if (std::find(wanted.begin(), wanted.end(), line) == wanted.end()) text += "+ " + line + '\n';
  }
  return text.empty() ? "the same lines in another order or number\n" : text;
}

std::vector<fs::path> logs() {
  std::vector<fs::path> paths;
  for (const auto& file : fs::directory_iterator(SUPPRESSD_GOLDEN_DIR)) {
    if (file.path().extension() == ".log") paths.push_back(file.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class GoldenLog : public testing::TestWithParam<fs::path> {};

TEST_P(GoldenLog, GivesItsEventsAndNothingElse) {
  fs::path expected = GetParam();
  expected.replace_extension(".events");
  const std::vector<std::string> got = events_of(lines_of(GetParam()));
  if (std::getenv("SUPPRESSD_GOLDEN_WRITE") != nullptr) {
    std::ofstream file(expected);
    for (const std::string& line : got) file << line << '\n';
    GTEST_SKIP() << "wrote " << expected;
  }
  ASSERT_TRUE(fs::exists(expected)) << "no expected events; SUPPRESSD_GOLDEN_WRITE=1 writes them";
  const std::vector<std::string> wanted = lines_of(expected);
  EXPECT_TRUE(got == wanted) << GetParam().filename() << ", - expected, + got:\n" << difference(wanted, got);
}

INSTANTIATE_TEST_SUITE_P(Mta, GoldenLog, testing::ValuesIn(logs()), [](const auto& suite) {
  std::string name = suite.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace suppressd
