#include "transcript.h"

#include <algorithm>
#include <unordered_set>

#include <re2/re2.h>

#include "suppressd/base/text.h"
#include "suppressd/core/stage_words.h"

#include "mail_header.h"
#include "notice_words.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kMostAnswers = 1000;
constexpr std::size_t kShortest = 6;  ///< Of a reply that can be distinguished from others.

/// The step of the session that the lines so far have shown.
class Session {
 public:
  void take(std::string_view line) {
    static const RE2 command(std::string(kSent) + R"((\w+|\.))", for_bytes());
    static const RE2 go_on(R"(^[^\n]{0,60}\b354[ -])", for_bytes());
    re2::StringPiece word;
    if (RE2::PartialMatch({line.data(), line.size()}, command, &word)) {
      stage_ = stage_named({word.data(), word.size()});
    } else if (stage_ == Stage::data && RE2::PartialMatch({line.data(), line.size()}, go_on)) {
      stage_ = Stage::end_of_data;
    }
  }
  Stage stage() const { return stage_; }

 private:
  Stage stage_ = Stage::unknown;
};

bool ends_replies(std::string_view line) {
  return line.starts_with(">>>") || line.find("while talking to") != std::string_view::npos;
}

/// Of a reply, `line` being from its code on: whether the next line also belongs to it.
bool goes_on_after(std::string_view line) {
  return line.substr(0, 4).ends_with('-');
}

/// Sendmail sends RCPT and DATA at once and shows only DATA: what another reply follows was said to RCPT.
bool another_reply_follows(std::string_view text, std::size_t at) {
  auto rest = text.substr(std::min(at, text.size()));
  bool goes_on = goes_on_after(take_line(rest));
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (ends_replies(line)) return false;
    if (!line.starts_with("<<< ")) continue;
    if (!goes_on) return true;
    goes_on = goes_on_after(line.substr(4));
  }
  return false;
}

}  // namespace

Transcript::Transcript(std::string_view text) {
  std::unordered_set<std::string> known;
  Session session;
  bool goes_on = false;           // The last reply, on the next line.
  std::vector<std::size_t> open;  // Answers to DATA, until it shows whether another one follows.
  while (!text.empty() && answers_.size() < kMostAnswers) {
    const auto line = take_line(text);
    if (ends_replies(line)) open.clear();
    session.take(line);
    if (!line.starts_with("<<< ")) continue;
    // As another_reply_follows().
    if (!goes_on) {
      for (const auto i : open) answers_[i].stage = Stage::rcpt;
      open.clear();
    }
    goes_on = goes_on_after(line.substr(4));
    auto shown = one_line(line.substr(4));
    if (shown.size() < kShortest || !known.insert(shown).second) continue;
    if (session.stage() == Stage::data) open.push_back(answers_.size());
    answers_.push_back({std::move(shown), session.stage()});
  }
}

Stage Transcript::stage_of(std::string_view reply) const {
  for (const auto& answer : answers_) {
    if (reply.starts_with(answer.text) || answer.text.starts_with(reply)) return answer.stage;
  }
  return Stage::unknown;
}

Stage stage_in_transcript(std::string_view text, std::size_t at) {
  Session session;
  for (auto before = text.substr(0, std::min(at, text.size())); !before.empty();)
    session.take(take_line(before));
  return session.stage() == Stage::data && another_reply_follows(text, at) ? Stage::rcpt : session.stage();
}

}  // namespace suppressd::report
