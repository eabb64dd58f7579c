// Real bounce mails against what their sources state: class, recipient, bounce or not. See ../corpora.h.
#include "../corpora.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suppressd/base/text.h"
#include "suppressd/config/rules_file.h"
#include "suppressd/core/address.h"
#include "suppressd/report/reader.h"
#include "suppressd/report/verdict.h"

namespace suppressd {
namespace {

using corpora::json;
using corpora::rows_of;
using corpora::Score;
using corpora::text_of;
using corpora::verbose;

constexpr const char* kKnown = "tests/golden/report/known_disagreements.tsv";

const Ruleset& ruleset() {
  static const auto rules = load_rules({}, ActionTable{});
  return rules.value();
}

std::string mail_at(const std::string& file) {
  std::ifstream stream(corpora::folder() / file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Judged {
  Report report;
  std::vector<ReportVerdict> verdicts;
};

Judged judge(const std::string& mail) {
  Judged judged;
  judged.report = read_report(mail).value();
  judged.verdicts = judge_report(judged.report, ruleset(), ActionTable{});
  return judged;
}

/// `sisimai/lhost-exim-02 2`
std::string id_of(const std::string& set, const json& mail, std::size_t event) {
  return set + '/' + std::filesystem::path(text_of(mail, "file")).stem().string() + ' ' +
         std::to_string(event + 1);
}

/// Counts, beside the classes, how often a recipient that the source states is one of ours.
class Recipients {
 public:
  explicit Recipients(const std::set<std::string>& known) : known_(known) {}

  void add(const std::string& wanted, const Judged& judged, const std::string& id, bool seen) {
    const auto canonical = canonical_address(wanted);
    if (!canonical) return;
    ++total_;
    const bool found = std::ranges::any_of(
        judged.verdicts, [&](const auto& v) { return v.recipient && v.recipient->address == *canonical; });
    if (found) {
      ++found_;
      return;
    }
    const bool unknown = seen && !known_.contains(id);
    if (unknown) ++unknown_;
    if (unknown || verbose()) {
      std::cout << "  recipient" << (unknown ? " not in " + std::string(kKnown) : std::string{}) << ": " << id
                << " wanted " << wanted;
      for (const auto& v : judged.verdicts)
        std::cout << ", got " << (v.recipient ? v.recipient->address : "none");
      std::cout << " (" << judged.report.form << ")\n";
    }
  }

  void print() const {
    std::cout << "  recipient right " << found_ << " of " << total_ << " (" << right() << " %)\n";
  }
  double right() const { return Score::percent(found_, total_); }
  int unknown() const { return unknown_; }

 private:
  std::set<std::string> known_;
  int total_ = 0;
  int found_ = 0;
  int unknown_ = 0;
};

const ReportVerdict* verdict_for(const Judged& judged, const std::string& recipient, std::size_t event) {
  if (const auto canonical = canonical_address(recipient)) {
    for (const auto& verdict : judged.verdicts) {
      if (verdict.recipient != nullptr && verdict.recipient->address == *canonical) return &verdict;
    }
  }
  return event < judged.verdicts.size() ? &judged.verdicts[event] : nullptr;
}

std::string words_of(const Judged& judged, const ReportVerdict* verdict) {
  return std::string(judged.report.form) + " | " +
         (verdict != nullptr && verdict->recipient != nullptr ? verdict->recipient->text : "");
}

class CorporaOfMail : public corpora::CorporaTest {};

TEST_F(CorporaOfMail, NoLivingAddressOfSisimaiIsCalledDead) {
  Score score("sisimai", kKnown);
  Recipients recipients(corpora::known_in(kKnown));
  for (const auto& mail : rows_of("sisimai/manifest.jsonl")) {
    const auto judged = judge(mail_at("sisimai/" + text_of(mail, "file")));
    const bool seen = text_of(mail, "half") == "dev";
    std::size_t number = 0;
    for (const auto& event : mail.at("events")) {
      const auto wanted = text_of(event, "class");
      const auto id = id_of("sisimai", mail, number);
      const auto* verdict = verdict_for(judged, text_of(event, "recipient"), number++);
      if (const auto recipient = text_of(event, "recipient"); !recipient.empty())
        recipients.add(recipient, judged, id, seen);
      if (text_of(event, "grade") != "A" || wanted.ends_with('?') || wanted == "undetermined") continue;
      score.add(wanted, verdict != nullptr ? verdict->category : Category::not_a_report,
                verdict != nullptr ? verdict->rule : "", id, words_of(judged, verdict), seen);
    }
  }
  score.print();
  recipients.print();
  EXPECT_GE(score.hard_recall(), 97.0);
  EXPECT_EQ(score.false_hard(), 0);
  EXPECT_GE(score.right(), 93.0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
  EXPECT_GE(recipients.right(), 98.0);
  EXPECT_EQ(recipients.unknown(), 0);
}

bool is_bounce(const Judged& judged) {
  return judged.report.kind == ReportKind::delivery_status || judged.report.kind == ReportKind::feedback;
}

/// Bounce or not, and the recipients, for the sets that state these.
void check_bounces(const std::string& set) {
  const auto known = corpora::known_in(kKnown);
  Score score(set, kKnown);
  Recipients recipients(known);
  int total = 0;
  int right = 0;
  int unknown = 0;
  for (const auto& mail : rows_of(set + "/manifest.jsonl")) {
    const auto judged = judge(mail_at(set + '/' + text_of(mail, "file")));
    const bool seen = text_of(mail, "half") == "dev";
    const auto id = id_of(set, mail, 0);
    if (const auto label = mail.find("is_bounce"); label != mail.end() && label->is_boolean()) {
      ++total;
      if (label->get<bool>() == is_bounce(judged)) {
        ++right;
      } else {
        if (seen && !known.contains(id)) ++unknown;
        if (verbose() || (seen && !known.contains(id))) {
          std::cout << "  " << id << " is " << (label->get<bool>() ? "a" : "no") << " bounce, read as "
                    << name_of(judged.report.kind) << " (" << judged.report.form << ")\n";
        }
      }
    }
    std::set<std::string> wanted;
    if (const auto list = mail.find("recipients"); list != mail.end() && list->is_array()) {
      for (const auto& recipient : *list) wanted.insert(recipient.get<std::string>());
    }
    if (const auto recipient = text_of(mail, "recipient"); !recipient.empty()) wanted.insert(recipient);
    if (const auto dsn = mail.at("facts").find("dsn");
        wanted.empty() && dsn != mail.at("facts").end() && is_bounce(judged)) {
      for (const auto& group : *dsn) {
        const auto final = text_of(group, "final_recipient");
        if (!final.empty()) wanted.insert(std::string(trim(final.substr(final.find(';') + 1))));
      }
    }
    std::size_t number = 0;
    for (const auto& recipient : wanted) recipients.add(recipient, judged, id_of(set, mail, number++), seen);
    if (const auto klass = text_of(mail, "class"); !klass.empty() && !klass.ends_with('?')) {
      const auto* verdict = verdict_for(judged, {}, 0);
      score.add(klass, verdict->category, verdict->rule, id, words_of(judged, verdict), seen);
    }
  }
  score.print();
  std::cout << "  bounce or not right " << right << " of " << total << '\n';
  recipients.print();
  EXPECT_EQ(unknown, 0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
  EXPECT_GE(recipients.right(), 98.0);
  EXPECT_EQ(recipients.unknown(), 0);
}

TEST_F(CorporaOfMail, BouncesOfBounceparserAreKnownFromOrdinaryMail) {
  check_bounces("bounceparser");
}

TEST_F(CorporaOfMail, BouncesOfBounceEmailAreKnownFromOrdinaryMail) {
  check_bounces("bounce_email");
}

TEST_F(CorporaOfMail, FeedbackThatIsNoComplaintSuppressesNobody) {
  for (const auto& mail : rows_of("stalwart_arf/manifest.jsonl")) {
    const auto judged = judge(mail_at("stalwart_arf/" + text_of(mail, "file")));
    const auto& expect = mail.at("expect");
    SCOPED_TRACE(text_of(mail, "file"));
    EXPECT_EQ(judged.report.kind, ReportKind::feedback);
    const auto type = to_lower(text_of(mail, "feedback_type"));
    std::string ours = judged.report.feedback_type;
    std::erase(ours, '-');
    EXPECT_EQ(ours, type);
    const bool complaint = type == "abuse" || type == "fraud";
    for (const auto& verdict : judged.verdicts) EXPECT_EQ(verdict.category == Category::complaint, complaint);
    const auto recipient = canonical_address(text_of(expect, "original_rcpt_to"));
    EXPECT_EQ(judged.report.recipients.at(0).address, recipient ? *recipient : "");
  }
}

TEST_F(CorporaOfMail, OrdinaryMailOfRubyMailTeachesNothing) {
  int mails = 0;
  for (const auto& mail : rows_of("ruby_mail/manifest.jsonl")) {
    const auto judged = judge(mail_at("ruby_mail/" + text_of(mail, "file")));
    ++mails;
    for (const auto& verdict : judged.verdicts) {
      if (text_of(mail, "class") == "delayed") {
        EXPECT_EQ(verdict.category, Category::delayed) << text_of(mail, "file");
      } else if (text_of(mail, "reason") == "ordinary-mail") {
        EXPECT_EQ(verdict.action, Action::none)
            << text_of(mail, "file") << ' ' << name_of(verdict.category) << ' ' << judged.report.form;
        EXPECT_FALSE(is_bounce(judged)) << text_of(mail, "file") << ' ' << judged.report.form;
      }
    }
  }
  std::cout << "ruby_mail: " << mails << " mails\n";
}

/// What a report says, for a comparison.
std::string summary_of(const Judged& judged) {
  std::string text = std::string(judged.report.form) + '|' + judged.report.returned.message_id + '|' +
                     judged.report.returned.sender;
  for (const auto& verdict : judged.verdicts) {
    text += '|' + std::string(name_of(verdict.category)) + ' ' + std::string(verdict.rule);
    if (verdict.recipient != nullptr)
      text += ' ' + verdict.recipient->address + ' ' + verdict.recipient->text;
  }
  return text;
}

std::string with_line_ends(const std::string& mail, const std::string& end) {
  std::string text;
  for (std::size_t i = 0; i < mail.size(); ++i) {
    if (mail[i] == '\r' && i + 1 < mail.size() && mail[i + 1] == '\n') continue;
    if (mail[i] == '\n' || mail[i] == '\r') {
      text += end;
    } else {
      text += mail[i];
    }
  }
  return text;
}

TEST_F(CorporaOfMail, LineEndsChangeNothing) {
  const auto known = corpora::known_in(kKnown);
  std::map<std::string, int> forms;
  for (const std::string set : {"sisimai_extra", "sisimai", "bounceparser", "bounce_email"}) {
    for (const auto& mail : rows_of(set + "/manifest.jsonl")) {
      const auto text = mail_at(set + '/' + text_of(mail, "file"));
      const auto plain = summary_of(judge(with_line_ends(text, "\n")));
      EXPECT_EQ(summary_of(judge(with_line_ends(text, "\r\n"))), plain) << text_of(mail, "file");
      EXPECT_EQ(summary_of(judge(with_line_ends(text, "\r"))), plain) << text_of(mail, "file");
      if (set != "sisimai_extra") continue;
      const auto judged = judge(text);
      EXPECT_EQ(summary_of(judged), plain) << text_of(mail, "file");
      ++forms[std::string(name_of(judged.report.kind))];
      if (mail.at("is_bounce") == false && !known.contains(id_of(set, mail, 0))) {
        EXPECT_FALSE(is_bounce(judged)) << text_of(mail, "file");
      }
      if (verbose()) std::cout << text_of(mail, "file") << ": " << plain.substr(0, 300) << '\n';
    }
  }
  for (const auto& [form, count] : forms) std::cout << "sisimai_extra: " << form << ' ' << count << '\n';
}

}  // namespace
}  // namespace suppressd
