#include "transcript.h"

#include <unordered_set>

#include <re2/re2.h>

#include "suppressd/core/text.h"

#include "mail_header.h"
#include "notice_words.h"
#include "stage_words.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kMostAnswers = 1000;
constexpr std::size_t kShortest = 6;  ///< Of a reply that can be told from others.

}  // namespace

Transcript::Transcript(std::string_view text) {
  static const RE2 command(std::string(kSent) + R"((\w+|\.))", for_bytes());
  static const RE2 go_on(R"(^[^\n]{0,60}\b354[ -])", for_bytes());
  std::unordered_set<std::string> known;
  Stage stage = Stage::unknown;
  bool goes_on = false;           // The last reply, on the next line.
  std::vector<std::size_t> open;  // Answers to DATA, until it shows whether another one follows.
  while (!text.empty() && answers_.size() < kMostAnswers) {
    const auto line = take_line(text);
    re2::StringPiece word;
    if (line.starts_with(">>>") || line.find("while talking to") != std::string_view::npos) open.clear();
    if (RE2::PartialMatch({line.data(), line.size()}, command, &word)) {
      stage = stage_named(to_lower({word.data(), word.size()}));
    } else if (stage == Stage::data && RE2::PartialMatch({line.data(), line.size()}, go_on)) {
      stage = Stage::end_of_data;
    }
    if (!line.starts_with("<<< ")) continue;
    // Sendmail sends RCPT and DATA at once and shows only DATA: what another reply follows was said to RCPT.
    if (!goes_on) {
      for (const auto i : open) answers_[i].stage = Stage::rcpt;
      open.clear();
    }
    goes_on = line.substr(4, 4).ends_with('-');
    auto shown = one_line(line.substr(4));
    if (shown.size() < kShortest || !known.insert(shown).second) continue;
    if (stage == Stage::data) open.push_back(answers_.size());
    answers_.push_back({std::move(shown), stage});
  }
}

Stage Transcript::stage_of(std::string_view reply) const {
  for (const auto& answer : answers_) {
    if (reply.starts_with(answer.text) || answer.text.starts_with(reply)) return answer.stage;
  }
  return Stage::unknown;
}

}  // namespace suppressd::report
