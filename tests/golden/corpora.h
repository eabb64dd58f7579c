// Corpora of real bounces: where they are, what their labels mean, and a table of how often our verdict has
// the class that a label states.
//
// The corpora are not part of the project. SUPPRESSD_CORPORA names their folder (by default ../shared/corpora
// beside the source); without them a test is skipped, and says so. SUPPRESSD_CORPORA_VERBOSE=1 adds every
// disagreement. Disagreements that are known, with their reasons, are in a list beside the test; one that is
// not there fails it. Rows of another half than `dev` count for the scores only.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "suppressd/core/category.h"

namespace suppressd::corpora {

using nlohmann::json;

inline std::filesystem::path folder() {
  if (const char* named = std::getenv("SUPPRESSD_CORPORA")) return named;
  return std::filesystem::path(SUPPRESSD_SOURCE_DIR) / ".." / "shared" / "corpora";
}

inline bool verbose() {
  return std::getenv("SUPPRESSD_CORPORA_VERBOSE") != nullptr;
}

inline std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

inline std::vector<json> rows_of(const std::string& file) {
  std::ifstream stream(folder() / file);
  std::vector<json> rows;
  for (std::string line; std::getline(stream, line);) rows.push_back(json::parse(line));
  return rows;
}

inline std::string class_of(Category category) {
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
inline bool agrees(const std::string& wanted, const std::string& got) {
  const auto senders_fault = [](const std::string& word) { return word == "policy" || word == "message"; };
  return wanted == got || (senders_fault(wanted) && senders_fault(got));
}

/// First words of the lines of a list of known disagreements, up to a tab.
inline std::set<std::string> known_in(const std::string& list) {
  std::set<std::string> result;
  std::ifstream stream(std::filesystem::path(SUPPRESSD_SOURCE_DIR) / list);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line[0] != '#') result.insert(line.substr(0, line.find('\t')));
  }
  return result;
}

class Score {
 public:
  /// `list`: file of the known disagreements, from the project's folder.
  Score(std::string set, std::string list)
      : set_(std::move(set)), list_(std::move(list)), known_(known_in(list_)) {}

  /// `id` names the row in the list; `seen`: the row is of the half of the corpora that the list was written
  /// for.
  void add(const std::string& wanted, Category category, std::string_view rule, const std::string& id,
           const std::string& text, bool seen) {
    const auto got = class_of(category);
    ++table_[wanted][got];
    ++total_;
    const bool right = agrees(wanted, got);
    if (right) ++right_;
    if (wanted == "hard") ++hard_;
    if (wanted == "hard" && right) ++hard_found_;
    if (wanted != "hard" && got == "hard") ++false_hard_;
    if (right) return;
    const bool unknown = seen && !known_.contains(id);
    if (unknown) ++unknown_;
    if (!unknown && !verbose()) return;
    std::cout << "  " << (unknown ? "not in " + list_ + ": " : std::string{}) << id << "  " << wanted
              << " judged " << name_of(category) << " by " << rule
              << (verbose() ? ": " + text : std::string{}) << '\n';
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
      for (const auto& column : columns)
        std::cout << std::setw(16) << (row.contains(column) ? std::to_string(row.at(column)) : ".");
      std::cout << '\n';
    }
    std::cout << "  right " << right_ << " of " << total_ << " (" << percent(right_, total_)
              << " %), hard found " << hard_found_ << " of " << hard_ << " (" << percent(hard_found_, hard_)
              << " %), called hard wrongly " << false_hard_ << '\n';
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
  std::string list_;
  std::set<std::string> known_;
  std::map<std::string, std::map<std::string, int>> table_;
  int total_ = 0;
  int right_ = 0;
  int hard_ = 0;
  int hard_found_ = 0;
  int false_hard_ = 0;
  int unknown_ = 0;
};

class CorporaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder()))
      GTEST_SKIP() << "no corpora at " << folder() << ": set SUPPRESSD_CORPORA";
  }
};

}  // namespace suppressd::corpora
