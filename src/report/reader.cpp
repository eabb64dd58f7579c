#include "suppressd/report/reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/stage_words.h"

#include "delivery_status.h"
#include "feedback_report.h"
#include "languages.h"
#include "mail_header.h"
#include "mime_parts.h"
#include "notice.h"
#include "notice_words.h"
#include "notification.h"
#include "origin.h"
#include "returned_message.h"
#include "transcript.h"

namespace suppressd {
namespace report {
namespace {

constexpr std::size_t kNoticeBytes = std::size_t{128} << 10;
constexpr std::size_t kOpeningBytes = std::size_t{4} << 10;  ///< Of a notice, that say what it is about.
constexpr std::size_t kFieldsBytes = std::size_t{768} << 10;
constexpr int kForwards = 2;  ///< Reports within a gateway's own notice.

/// With LF at line ends. A mail without any LF has CR; else a CR that no LF follows is a character of a
/// hostile text, and ends no line.
std::string with_line_feeds(std::string_view mail) {
  mail = mail.substr(0, kReportBytes);
  std::string text;
  text.reserve(mail.size());
  const bool only_cr = mail.substr(0, mail.size() - std::min<std::size_t>(1, mail.size())).find('\n') ==
                       std::string_view::npos;
  for (std::size_t i = 0; i < mail.size(); ++i) {
    const char c = mail[i];
    if (c != '\r') {
      text += c;
    } else if (only_cr) {
      text += '\n';
    } else {
      const auto next = mail.find_first_not_of('\r', i);
      if (next == std::string_view::npos || mail[next] != '\n') text += ' ';
      i = std::min(next, mail.size()) - 1;
    }
  }
  return text;
}

/// The mbox line `From user date`, and blank lines above a header.
void skip_mbox_line(std::string_view& text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  while (text.starts_with("From ") || text.starts_with(">From ")) take_line(text);
}

bool is_returned(const Part& part) {
  const auto& type = part.content.type;
  return type == "message/rfc822" || type == "message/global" || type == "message/partial" ||
         type == "text/rfc822-headers" || type == "message/rfc822-headers" ||
         type == "message/global-headers" || type == "text/rfc822";
}

bool is_status(const Part& part) {
  const auto& type = part.content.type;
  return type == "message/delivery-status" || type == "message/global-delivery-status" ||
         type == "text/delivery-status" || type == "message/delivery-status-notification";
}

class Reader {
 public:
  Reader(std::string_view mail, int forwards) : forwards_(forwards) {
    skip_mbox_line(mail);
    header_ = MailHeader::take(mail);
    body_ = mail;
    content_ = content_type(header_.value("content-type"));
    parts_ = parts_of(header_, body_);
  }

  Report read() {
    find_returned_part();
    read_notice_text();
    origin_ = has_subject_of_answer(header_, message()) ? Origin::other : origin_of(header_, message());
    if (content_.report_type == "disposition-notification")
      return read_rejection() ? std::move(report_) : not_a_report();
    if (read_feedback() || read_status() || read_words() || read_forwarded() || be_nameless()) {
      finish();
      return std::move(report_);
    }
    if (is_automatic_answer(header_, origin_)) return auto_reply();
    return not_a_report();
  }

 private:
  bool is_from_system() const { return origin_ == Origin::mail_system; }

  const MailHeader* message() const { return returned_ ? &*returned_ : nullptr; }

  void find_returned_part() {
    for (const auto& part : parts_) {
      if (!is_returned(part)) continue;
      returned_text_ =
          part.content.type == "message/partial" ? std::string(part.body) : text_of(part, kReportHeaderBytes);
      std::string_view rest = returned_text_;
      skip_mbox_line(rest);
      returned_ = MailHeader::take(rest);
      return;
    }
  }

  /// The first text for people; HTML only if there is nothing else.
  void read_notice_text() {
    const Part* best = nullptr;
    for (const auto& part : parts_) {
      const bool plain = part.content.type == "text/plain" && !part.body.empty();
      const bool html = part.content.type == "text/html";
      if (!plain && !html) continue;
      if (best == nullptr || (plain && best->content.type == "text/html")) best = &part;
      if (plain && !trim(part.body).empty()) break;
    }
    if (best == nullptr) return;
    text_ = text_of(*best, kNoticeBytes);
    notice_ = text_;
    const auto at = find_returned(notice_);
    if (at.header != std::string_view::npos && !returned_) {
      auto rest = notice_.substr(at.header);
      skip_mbox_line(rest);
      returned_text_ = std::string(rest);
      rest = returned_text_;
      returned_ = MailHeader::take(rest);
    }
    notice_ = notice_.substr(0, at.notice_end);
  }

  bool read_feedback() {
    for (const auto& part : parts_) {
      if (part.content.type == "message/feedback-report" &&
          read_feedback_report(text_of(part, kFieldsBytes), report_))
        return true;
    }
    if (read_notification(text_, report_)) return true;
    const bool all_json = parts_.size() == 1 && parts_.front().content.type == "application/json";
    if (all_json && read_notification(text_of(parts_.front(), kFieldsBytes), report_)) return true;
    return read_hotmail_complaint(header_, returned_.value_or(MailHeader{}), report_);
  }

  /// A filter refuses mail as a receipt says that it was read (RFC 5429 section 2.1.2); its words tell.
  bool read_rejection() {
    if (!read_words() || report_.form != "dovecot") return false;
    finish();
    return true;
  }

  bool read_status() {
    for (const auto& part : parts_) {
      if (is_status(part)) read_delivery_status(text_of(part, kFieldsBytes), report_);
    }
    if (report_.recipients.empty() && is_from_system()) {
      const auto at = find_delivery_status(notice_);
      if (at != std::string_view::npos) {
        read_delivery_status(notice_.substr(at), report_);
        notice_ = notice_.substr(0, at);
      }
    }
    if (report_.recipients.empty()) return false;
    report_.kind = ReportKind::delivery_status;
    report_.form = "rfc3464";
    add_words();
    return true;
  }

  /// What the notice says about a recipient about whom the fields say nothing.
  void add_words() {
    const auto notice = read_notice(notice_, {.header_tells = true});
    const Transcript transcript(notice_);
    for (auto& recipient : report_.recipients) {
      const auto same = std::ranges::find(notice.recipients, recipient.address, &ReportedRecipient::address);
      const auto* said = same != notice.recipients.end() ? &*same : nullptr;
      recipient.stage = stage_of(recipient, said, transcript);
      const bool overridden = notice.overrides && report_.recipients.size() == 1;
      if (overridden) said = &notice.recipients.front();
      if ((!recipient.text.empty() && !overridden) || recipient.fate != Fate::failed) continue;
      if (said != nullptr) {
        const bool reply = said->reply().code != 0;
        if (reply || overridden || !says_enough(recipient.status)) recipient.text = said->text;
      } else if (report_.recipients.size() == 1 && !says_enough(recipient.status)) {
        recipient.text = words_of(notice_);
      }
    }
  }

  /// The fields name no command: what is beside the reply does, else the session that the notice shows.
  Stage stage_of(const ReportedRecipient& recipient, const ReportedRecipient* said,
                 const Transcript& transcript) const {
    auto stage = stage_in_prose(recipient.text);
    if (stage == Stage::unknown && said != nullptr) stage = said->stage;
    if (stage == Stage::unknown) stage = transcript.stage_of(recipient.text);
    if (stage == Stage::unknown && report_.recipients.size() == 1) {
      stage = stage_in_prose(notice_);
      if (stage != Stage::rcpt && blames_mailbox(recipient)) stage = Stage::unknown;
    }
    return stage;
  }

  /// Said with code and status: prose elsewhere does not contradict it.
  static bool blames_mailbox(const ReportedRecipient& recipient) {
    const auto reply = recipient.reply();
    const auto& status = reply.status;
    return reply.code / 100 == 5 && status.klass == 5 && status.subject == 1 &&
           (status.detail == 1 || status.detail == 10);
  }

  /// A specific status: words that a gateway adds to every mail must not contradict it.
  static bool says_enough(EnhancedStatus status) { return status.subject != 0 && status.detail != 0; }

  bool read_words() {
    auto notice = read_notice(notice_, around());
    if (notice.recipients.empty()) return false;
    report_.form = notice.form;
    report_.recipients = std::move(notice.recipients);
    if (report_.recipients.front().address.empty() && report_.recipients.front().unreadable.empty())
      return false;
    report_.kind = ReportKind::delivery_status;
    return true;
  }

  Around around() const {
    Around around;
    around.origin = origin_;
    around.header_tells =
        has_subject_of_failure(header_, message()) || (is_from_system() && has_null_path(header_));
    around.by_hand = is_sent_by_hand(header_);
    around.failed = addresses_in(header_.value("x-failed-recipients"), kReportRecipients);
    around.writer = living_writer(header_);
    for (const std::string_view name : {"from", "to"}) {
      for (auto& address : addresses_in(header_.value(name))) around.others.push_back(std::move(address));
    }
    if (!returned_ || origin_of(*returned_) != Origin::other)
      return around;  // A report is not a message of ours.
    around.returns_message = true;
    ReturnedMessage returned;
    read_returned(*returned_, returned);
    around.recipients = std::move(returned.recipients);
    for (const auto& one : {canonical_address(returned.sender), canonical_address(returned.message_id)}) {
      if (one && std::ranges::find(around.recipients, *one) == around.recipients.end())
        around.others.push_back(*one);
    }
    return around;
  }

  /// A mail system that gives back a message has not delivered it, unless it says so.
  bool gives_back() const {
    const auto opening = notice_.substr(0, kOpeningBytes);
    return returned_ && !tells_of_success(opening) && (has_null_path(header_) || tells_of_failure(opening));
  }

  /// A notice of a known form, a mail that says it is a report on delivery, or a mail system's that gives
  /// back a message and reports a failure: without a recipient.
  bool be_nameless() {
    if (report_.recipients.empty()) {
      const bool stated = content_.type == "multipart/report" && content_.report_type == "delivery-status";
      if (!is_from_system() || !(stated || (gives_back() && !is_sent_by_hand(header_)))) return false;
      report_.form = stated ? "rfc3464" : "unknown";
      report_.recipients.emplace_back();
      report_.recipients.back().text = words_of(notice_);
      if (!stated && tells_of_delay(notice_.substr(0, kOpeningBytes)))
        report_.recipients.back().fate = Fate::delayed;
    }
    report_.kind = ReportKind::delivery_status;
    nameless_ = true;
    return true;
  }

  /// A gateway's notice that names no one, with the real report in it.
  bool read_forwarded() {
    if (forwards_ == 0 || !returned_ || !is_from_system() || origin_of(*returned_) == Origin::other)
      return false;
    auto inner = Reader(forwarded_text(), forwards_ - 1).read();
    if (inner.kind != ReportKind::delivery_status && inner.kind != ReportKind::feedback) return false;
    inner.date = date_in(header_.value("date"));
    report_ = std::move(inner);
    forwarded_ = true;
    return true;
  }

  std::string_view forwarded_text() const {
    for (const auto& part : parts_) {
      if (is_returned(part)) return part.body;
    }
    return returned_text_;
  }

  void finish() {
    if (forwarded_) return;
    report_.date = date_in(header_.value("date"));
    if (returned_) read_returned(*returned_, report_.returned);
    if (report_.returned.message_id.empty()) report_.returned.message_id = answered_message_id(header_);
    // Only if the report names no one: an address that it has but that cannot be read is another one's.
    if (!nameless_) return;
    report_.recipients.front().passed_on =
        (returned_ && was_distributed(*returned_)) || names_another(notice_, around());
    if (report_.recipients.front().passed_on || report_.returned.recipients.size() != 1) return;
    report_.recipients.front().address = report_.returned.recipients.front();
    report_.recipients.front().inferred = true;
  }

  Report auto_reply() {
    report_ = {};
    report_.kind = ReportKind::auto_reply;
    report_.form = "rfc3834";
    report_.date = date_in(header_.value("date"));
    ReportedRecipient answerer;
    answerer.fate = Fate::answered;
    if (auto from = addresses_in(header_.value("from"), 1); !from.empty())
      answerer.address = std::move(from.front());
    report_.recipients.push_back(std::move(answerer));
    return std::move(report_);
  }

  Report not_a_report() {
    report_ = {};
    report_.date = date_in(header_.value("date"));
    return std::move(report_);
  }

  int forwards_;
  MailHeader header_;
  std::string_view body_;
  ContentType content_;
  Origin origin_ = Origin::other;
  std::vector<Part> parts_;
  std::optional<MailHeader> returned_;
  std::string returned_text_;
  std::string text_;
  std::string_view notice_;
  Report report_;
  bool forwarded_ = false;
  bool nameless_ = false;
};

}  // namespace
}  // namespace report

bool reports_built_in() {
  return true;
}

Result<Report> read_report(std::string_view mail) {
  const auto text = report::with_line_feeds(mail);
  return report::Reader(text, report::kForwards).read();
}

}  // namespace suppressd
