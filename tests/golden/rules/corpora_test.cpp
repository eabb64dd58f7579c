// The built-in rules against corpora of real bounces: how many verdicts have the class that the corpus states.
//
// The corpora are not part of the project. SUPPRESSD_CORPORA names their folder (by default ../shared/corpora beside the source); without
// them the tests are skipped. Each prints its table; SUPPRESSD_CORPORA_VERBOSE=1 adds every disagreement. Disagreements that are known,
// with their reasons, are in known_disagreements.tsv; one that is not there fails the test. Rows of another half than `dev` count for the
// scores only.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "suppressd/core/digest.h"
#include "suppressd/core/rules.h"
#include "suppressd/daemon/rules_file.h"
#include "suppressd/mta/logged_reply.h"

namespace suppressd {
namespace {

using nlohmann::json;

std::filesystem::path corpora() {
  if (const char* folder = std::getenv("SUPPRESSD_CORPORA")) return folder;
  return std::filesystem::path(SUPPRESSD_SOURCE_DIR) / ".." / "shared" / "corpora";
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// The corpora keep UTF-8 texts whose bytes were read as Latin-1: where every character is below U+0100, these bytes are the text.
std::string without_mojibake(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
      bytes += static_cast<char>(((lead & 0x03) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F));
    } else {
      return text;
    }
  }
  return bytes;
}

std::vector<json> rows_of(const std::string& file) {
  std::ifstream stream(corpora() / file);
  std::vector<json> rows;
  for (std::string line; std::getline(stream, line);) rows.push_back(json::parse(line));
  return rows;
}

std::string class_of(Category category) {
  switch (category) {
    case Category::bad_mailbox:
    case Category::bad_domain:
    case Category::mailbox_disabled:
    case Category::moved:
    case Category::undetermined_permanent:
      return "hard";
    case Category::mailbox_full:
    case Category::greylisted:
    case Category::connection:
    case Category::dns:
    case Category::server_error:
    case Category::undetermined_temporary:
    case Category::rate_limited:
    case Category::local_fault:
    case Category::routing:
      return "soft";
    case Category::blocked:
    case Category::auth:
    case Category::policy:
    case Category::content:
    case Category::recipient_refused:
      return "policy";
    case Category::message_too_large:
    case Category::protocol:
      return "message";
    case Category::complaint:
      return "feedback";
    case Category::auto_reply:
      return "vacation";
    default:
      return std::string(name_of(category));
  }
}

/// Policy and message count as one another's.
bool agrees(const std::string& wanted, const std::string& got) {
  const auto senders_fault = [](const std::string& word) { return word == "policy" || word == "message"; };
  return wanted == got || (senders_fault(wanted) && senders_fault(got));
}

const Ruleset& ruleset() {
  static const auto rules = load_rules({}, ActionTable{});
  return rules.value();
}

Judgement judge(const std::string& text, int code, const std::string& status, bool temporary) {
  Failure failure;
  failure.reply = read_postfix_reply(text);
  if (failure.reply.code == 0) failure.reply.code = code;
  failure.logged_status = parse_enhanced_status(status).value_or(EnhancedStatus{});
  failure.temporary = temporary;
  return ruleset().classify(failure);
}

/// Digests of the texts of the disagreements that are known; the texts are not ours to keep.
const std::set<std::string>& known() {
  static const auto digests = [] {
    std::set<std::string> result;
    std::ifstream stream(std::filesystem::path(SUPPRESSD_SOURCE_DIR) / "tests/golden/rules/known_disagreements.tsv");
    for (std::string line; std::getline(stream, line);) {
      if (!line.empty() && line[0] != '#') result.insert(line.substr(0, line.find('\t')));
    }
    return result;
  }();
  return digests;
}

class Score {
 public:
  explicit Score(std::string set) : set_(std::move(set)) {}

  /// `seen`: the row is of the half of the corpora that the list of known disagreements was written for.
  void add(const std::string& wanted, const Judgement& judgement, const std::string& text, bool seen) {
    const auto got = class_of(judgement.category);
    ++table_[wanted][got];
    ++total_;
    const bool right = agrees(wanted, got);
    if (right) ++right_;
    if (wanted == "hard") ++hard_;
    if (wanted == "hard" && right) ++hard_found_;
    if (wanted != "hard" && got == "hard") ++false_hard_;
    const auto id = short_digest(text, 12);
    if (right) return;
    if (seen && !known().contains(id)) ++unknown_;
    if (std::getenv("SUPPRESSD_CORPORA_VERBOSE") != nullptr) {
      std::cout << "  " << id << "  " << wanted << " judged " << name_of(judgement.category) << " by " << judgement.rule << ": " << text
                << '\n';
    } else if (seen && !known().contains(id)) {
      std::cout << "  not in known_disagreements.tsv: " << id << "  " << wanted << " judged " << name_of(judgement.category) << " by "
                << judgement.rule << '\n';
    }
  }

  void print() const {
    std::set<std::string> columns;
    for (const auto& [wanted, row] : table_) {
      for (const auto& [got, count] : row) columns.insert(got);
    }
    std::cout << std::left << std::setw(22) << set_ << std::right;
    for (const auto& column : columns) std::cout << std::setw(16) << column;
    std::cout << '\n';
    for (const auto& [wanted, row] : table_) {
      std::cout << "  " << std::left << std::setw(20) << wanted << std::right;
      for (const auto& column : columns) std::cout << std::setw(16) << (row.contains(column) ? std::to_string(row.at(column)) : ".");
      std::cout << '\n';
    }
    std::cout << "  right " << right_ << " of " << total_ << " (" << percent(right_, total_) << " %), hard found " << hard_found_ << " of "
              << hard_ << " (" << percent(hard_found_, hard_) << " %), called hard wrongly " << false_hard_ << '\n';
  }

  static double percent(int part, int whole) { return whole == 0 ? 100.0 : 100.0 * part / whole; }
  double right() const { return percent(right_, total_); }
  double hard_recall() const { return percent(hard_found_, hard_); }
  int false_hard() const { return false_hard_; }
  int unknown_disagreements() const { return unknown_; }
  int hard_for(const std::string& wanted) const {
    const auto row = table_.find(wanted);
    return row != table_.end() && row->second.contains("hard") ? row->second.at("hard") : 0;
  }

 private:
  std::string set_;
  std::map<std::string, std::map<std::string, int>> table_;
  int total_ = 0;
  int right_ = 0;
  int hard_ = 0;
  int hard_found_ = 0;
  int false_hard_ = 0;
  int unknown_ = 0;
};

class Corpora : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(corpora())) GTEST_SKIP() << "no corpora at " << corpora() << ": set SUPPRESSD_CORPORA";
  }
};

TEST_F(Corpora, NoLivingAddressOfSisimaiIsCalledDead) {
  Score score("sisimai");
  for (const auto& mail : rows_of("sisimai/manifest.jsonl")) {
    for (const auto& event : mail.at("events")) {
      const auto wanted = text_of(event, "class");
      // Feedback, auto-replies, deliveries and delays are told by the form of the mail, not by a reply's words.
      if (text_of(event, "grade") != "A" || wanted.ends_with('?')) continue;
      if (wanted == "feedback" || wanted == "vacation" || wanted == "delivered" || wanted == "delayed") continue;
      const auto text = without_mojibake(text_of(event, "tool_diagnostic"));
      const auto status = text_of(event, "status");
      const auto code = text_of(event, "replycode");
      const bool temporary = status.starts_with('4') || text_of(event, "action") == "delayed";
      score.add(wanted, judge(text, code.empty() ? 0 : std::stoi(code), status, temporary), text, text_of(mail, "half") == "dev");
    }
  }
  score.print();
  EXPECT_GE(score.hard_recall(), 97.0);
  EXPECT_EQ(score.false_hard(), 0);
  EXPECT_GE(score.right(), 93.0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
}

Score score_texts(const std::string& set, bool (*counts)(const json&)) {
  Score score(set);
  for (const auto& row : rows_of(set + "/lines.jsonl")) {
    const auto& expect = row.at("expect");
    auto wanted = text_of(expect, "class");
    if (wanted.empty() || wanted == "undetermined" || wanted.ends_with('?') || !counts(expect)) continue;
    if (wanted == "delayed") wanted = "soft";  // A delay warning's words; what it is, the form of the mail tells.
    const auto text = text_of(row, "line");
    score.add(wanted, judge(text, 0, {}, false), text, text_of(row, "half") == "dev");
  }
  score.print();
  return score;
}

bool every(const json&) {
  return true;
}

TEST_F(Corpora, NoPolicyTextOfSisimaiIsCalledHard) {
  const auto score = score_texts("sisimai_texts", [](const json& expect) {
    const auto kind = text_of(expect, "kind");
    return kind == "unit-test" || kind == "smtp_like" || expect.value("smtp_like", false);
  });
  EXPECT_EQ(score.hard_for("policy"), 0);
  EXPECT_EQ(score.false_hard(), 0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
}

TEST_F(Corpora, NoBlocklistTextOfZonemtaIsCalledHard) {
  const auto score = score_texts("zonemta_texts", every);
  EXPECT_EQ(score.false_hard(), 0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
}

TEST_F(Corpora, NoPolicyTextOfBounceMailHandlerIsCalledHard) {
  const auto score = score_texts("bmh_texts", every);
  EXPECT_EQ(score.hard_for("policy"), 0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
}

TEST_F(Corpora, DeadAddressesOfMauticAreFound) {
  const auto score = score_texts("mautic_texts", every);
  EXPECT_EQ(score.hard_recall(), 100.0);
}

}  // namespace
}  // namespace suppressd
