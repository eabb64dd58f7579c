// Replies that were labelled before the program saw them: what is found of the dead, and what the living
// lose.
//
// fresh_a.tsv was looked at afterwards and rules were improved by it; fresh_b.tsv was not. The columns are
// explained in their first lines. A reply is judged with its stage, as a log tells it. Whether a verdict is
// right is a matter of class, since some replies belong to two categories.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suppressd/config/rules_file.h"

#include "../corpora.h"

namespace suppressd {
namespace {

struct Row {
  std::string where;
  std::string stage;
  std::string reply;
  std::string label;  ///< dead, alive-soft, alive, unsure
  std::vector<std::string> categories;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<Row> rows_of(const std::string& name) {
  std::vector<Row> rows;
  std::ifstream file(std::string(SUPPRESSD_SOURCE_DIR) + "/tests/golden/rules/" + name);
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const auto columns = split(line, '\t');
    const std::string where = name + ":" + std::to_string(number);
    if (columns.size() != 7) {
      ADD_FAILURE() << where << ": expected seven columns";
      continue;
    }
    rows.push_back({where, columns[0], columns[1], columns[2], split(columns[3], '|')});
  }
  return rows;
}

std::optional<Stage> stage_of(const std::string& word) {
  static const std::map<std::string, Stage> stages = {
      {"connect", Stage::connect}, {"helo", Stage::helo},       {"mail", Stage::mail}, {"rcpt", Stage::rcpt},
      {"data", Stage::data},       {"dot", Stage::end_of_data}, {"auth", Stage::auth}};
  const auto found = stages.find(word);
  return found == stages.end() ? std::nullopt : std::optional(found->second);
}

Judgement judge(const Row& row) {
  static const auto rules = load_rules({}, ActionTable{}).value();
  Failure failure;
  failure.reply = parse_reply(row.reply);
  failure.temporary = failure.reply.code / 100 == 4;
  if (const auto stage = stage_of(row.stage)) failure.reply.stage = *stage;
  return rules.classify(failure);
}

/// Policy and message count as one another's.
std::string class_of(Category category) {
  const auto name = corpora::class_of(category);
  return name == "message" ? "policy" : name;
}

bool has_class(const Row& row, const std::string& wanted) {
  return std::ranges::any_of(row.categories, [&](const std::string& name) {
    const auto category = category_from(name);
    if (!category) ADD_FAILURE() << row.where << ": no category " << name;
    return category && class_of(*category) == wanted;
  });
}

struct Count {
  int dead = 0, found = 0, living = 0, surely = 0, weakly = 0, labelled = 0, of_class = 0;
  double share_found() const { return 100.0 * found / dead; }
  double share_weakly() const { return 100.0 * weakly / living; }
  double share_of_class() const { return 100.0 * of_class / labelled; }
};

Count count(const std::string& name) {
  Count count;
  for (const auto& row : rows_of(name)) {
    if (row.label == "unsure") continue;
    const auto judgement = judge(row);
    const bool hard = judgement.action == Action::hard;
    const bool right = has_class(row, class_of(judgement.category));
    ++count.labelled;
    count.of_class += right ? 1 : 0;
    ++(row.label == "dead" ? count.dead : count.living);
    if (row.label == "dead") count.found += hard ? 1 : 0;
    if (row.label != "dead" && hard) ++(judgement.weak ? count.weakly : count.surely);
    const bool wrong = row.label == "dead" ? !hard : hard;
    if (wrong || (!right && corpora::verbose()))
      std::cout << "  " << row.where << " (" << row.label << ") " << name_of(judgement.category) << " by "
                << judgement.rule << ": " << row.reply << '\n';
  }
  std::cout << name << ": of " << count.dead << " dead " << count.found << " found; of " << count.living
            << " living " << count.surely << " called dead surely, " << count.weakly << " weakly; class "
            << count.share_of_class() << " %\n";
  return count;
}

class Fresh : public testing::TestWithParam<const char*> {};

TEST_P(Fresh, RepliesAreJudgedRight) {
  const Count seen = count(GetParam());
  EXPECT_GE(seen.labelled, 190);
  EXPECT_GE(seen.share_found(), 97.0);
  EXPECT_EQ(seen.surely, 0) << "the living must never be called dead surely";
  EXPECT_LE(seen.share_weakly(), 1.0);
  EXPECT_GE(seen.share_of_class(), 92.0);
}

INSTANTIATE_TEST_SUITE_P(Replies, Fresh, testing::Values("fresh_a.tsv", "fresh_b.tsv"), [](const auto& file) {
  return std::string(file.param, std::string_view(file.param).find('.'));
});

}  // namespace
}  // namespace suppressd
