#include "notification.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/report/reader.h"

#include "delivery_status.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kDeepest = 16;
constexpr std::size_t kMostMembers = 10000;
constexpr int kEnvelopes = 2;  ///< Objects that contain the object as a string.

/// One string or number: `bounce.bouncedRecipients.emailAddress`. Elements of an array have the path of the
/// array.
struct Member {
  std::string path;
  std::string value;
  std::size_t object = 0;  ///< Which object contains it, counted from the start of the text.
};

class Json {
 public:
  explicit Json(std::string_view text) : text_(text) {}

  std::vector<Member> members() {
    while (next()) {
    }
    return std::move(members_);
  }

 private:
  struct Level {
    bool object;
    std::size_t path;   ///< Length of the path above.
    std::size_t which;  ///< The object, or the one that contains the array.
  };

  bool next() {
    const auto at = text_.find_first_not_of(" \t\r\n,:");
    if (at == std::string_view::npos || members_.size() >= kMostMembers) return false;
    text_.remove_prefix(at);
    const char c = text_[0];
    if (c == '{' || c == '[') return open(c == '{');
    if (c == '}' || c == ']') return close();
    if (c == '"') {
      auto value = string();
      if (!levels_.empty() && levels_.back().object && !named_) {
        name(value);
      } else {
        add(std::move(value));
      }
      return true;
    }
    const auto end = text_.find_first_of(",}] \t\r\n");
    add(std::string(text_.substr(0, end)));
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end);
    return true;
  }

  bool open(bool object) {
    text_.remove_prefix(1);
    if (levels_.size() >= kDeepest) return false;
    const auto holder = levels_.empty() ? 0 : levels_.back().which;
    levels_.push_back({object, above_, object ? ++objects_ : holder});
    above_ = path_.size();
    named_ = false;
    return true;
  }

  bool close() {
    text_.remove_prefix(1);
    if (levels_.empty()) return false;
    path_.resize(std::min(path_.size(), above_));
    above_ = levels_.back().path;
    levels_.pop_back();
    value_ends();
    return !levels_.empty();
  }

  void name(std::string_view text) {
    path_.resize(std::min(path_.size(), above_));
    if (!path_.empty()) path_ += '.';
    path_ += text.substr(0, 60);
    named_ = true;
  }

  void add(std::string value) {
    members_.push_back({path_, std::move(value), levels_.empty() ? 0 : levels_.back().which});
    value_ends();
  }

  void value_ends() {
    if (levels_.empty() || !levels_.back().object) return;
    path_.resize(std::min(path_.size(), above_));
    named_ = false;
  }

  std::string string() {
    std::string value;
    text_.remove_prefix(1);
    while (!text_.empty() && text_[0] != '"') {
      if (text_[0] == '\\' && text_.size() > 1) {
        take_escaped(value);
      } else {
        value += text_[0];
        text_.remove_prefix(1);
      }
    }
    if (!text_.empty()) text_.remove_prefix(1);
    return value;
  }

  void take_escaped(std::string& value) {
    const char escaped = text_[1];
    text_.remove_prefix(2);
    if (escaped == 'u') {
      value += plain_character(text_.substr(0, 4));
      text_.remove_prefix(std::min<std::size_t>(4, text_.size()));
    } else if (escaped == 'n' || escaped == 'r') {
      value += '\n';
    } else {
      value += escaped == 't' || escaped == 'b' || escaped == 'f' ? ' ' : escaped;
    }
  }

  /// Addresses and replies need no more than ASCII: `\u003c` is an angle bracket.
  static char plain_character(std::string_view digits) {
    unsigned value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, value, 16);
    return error == std::errc{} && at == end && value >= ' ' && value < 0x7F ? static_cast<char>(value) : ' ';
  }

  std::string_view text_;
  std::string path_;
  std::size_t above_ = 0;  ///< Length of the path of what contains the current value.
  bool named_ = false;
  std::size_t objects_ = 0;
  std::vector<Level> levels_;
  std::vector<Member> members_;
};

/// The object that an object of members is about: some have it below a name of their own.
void lift(std::vector<Member>& members) {
  for (const std::string_view name : {"notificationType", "eventType"}) {
    const auto found = std::ranges::find_if(
        members, [&](const Member& member) { return member.path.ends_with("." + std::string(name)); });
    if (found == members.end()) continue;
    const auto above = found->path.substr(0, found->path.size() - name.size());
    std::erase_if(members, [&](const Member& member) { return !member.path.starts_with(above); });
    for (auto& member : members) member.path.erase(0, above.size());
    return;
  }
}

class Notification {
 public:
  explicit Notification(std::vector<Member> members) : members_(std::move(members)) {}

  bool read(Report& report) {
    auto type = to_lower(value("notificationType"));
    if (type.empty()) type = to_lower(value("eventType"));
    if (type == "deliverydelay") {
      report.kind = ReportKind::delivery_status;
      add_failed("deliveryDelay.delayedRecipients.", Fate::delayed, report);
    } else if (type == "bounce") {
      report.kind = ReportKind::delivery_status;
      add_failed("bounce.bouncedRecipients.", Fate::failed, report);
      weigh(report);
    } else if (type == "delivery") {
      report.kind = ReportKind::delivery_status;
      add_all("delivery.recipients", Fate::delivered, report);
      for (auto& recipient : report.recipients) recipient.text = clean(value("delivery.smtpResponse"));
    } else if (type == "complaint") {
      report.kind = ReportKind::feedback;
      report.feedback_type = clean(to_lower(value("complaint.complaintFeedbackType")), 60);
      if (report.feedback_type.empty()) report.feedback_type = "abuse";
      add_all("complaint.complainedRecipients.emailAddress", Fate::complained, report);
    } else {
      return false;
    }
    report.form = "amazon-ses";
    report.reporting_mta = typed_host(value("bounce.reportingMTA"));
    report.returned.sender = typed_address(value("mail.source"));
    report.returned.message_id = clean(value("mail.commonHeaders.messageId"), 998);
    if (report.returned.message_id.starts_with('<')) {
      report.returned.message_id =
          report.returned.message_id.substr(1, report.returned.message_id.find('>') - 1);
    }
    for (const auto& member : members_) {
      if (member.path != "mail.destination" || report.returned.recipients.size() >= 100) continue;
      if (auto address = typed_address(member.value); !address.empty())
        report.returned.recipients.push_back(std::move(address));
    }
    add_traces(report);
    return !report.recipients.empty();
  }

 private:
  std::string_view value(std::string_view path) const {
    const auto found = std::ranges::find(members_, path, &Member::path);
    return found == members_.end() ? std::string_view{} : std::string_view(found->value);
  }

  void add_all(std::string_view path, Fate fate, Report& report) const {
    for (const auto& member : members_) {
      if (member.path != path || report.recipients.size() >= kReportRecipients) continue;
      ReportedRecipient recipient;
      recipient.address = typed_address(member.value);
      recipient.fate = fate;
      report.recipients.push_back(std::move(recipient));
    }
  }

  /// One recipient per object of the list; objects within it say nothing.
  void add_failed(std::string_view list, Fate fate, Report& report) const {
    std::size_t object = 0;
    for (const auto& member : members_) {
      if (!member.path.starts_with(list)) continue;
      const auto name = std::string_view(member.path).substr(list.size());
      if (name.find('.') != std::string_view::npos) continue;
      if (member.object != object) {
        if (report.recipients.size() >= kReportRecipients) return;
        object = member.object;
        report.recipients.emplace_back().fate = fate;
      }
      auto& recipient = report.recipients.back();
      if (name == "emailAddress") recipient.address = typed_address(member.value);
      if (name == "status")
        recipient.status = parse_enhanced_status(trim(member.value)).value_or(EnhancedStatus{});
      if (name == "action" && member.value == "delayed") recipient.fate = Fate::delayed;
      if (name == "diagnosticCode")
        recipient.text = clean(trim(std::string_view(member.value).substr(member.value.find(';') + 1)));
    }
  }

  /// SES's own words for what it did not try at all, and for what it will not try again; a bounce of that
  /// type is temporary whatever its status.
  void weigh(Report& report) const {
    const auto why = value("bounce.bounceSubType");
    const bool withheld =
        why == "Suppressed" || why == "OnAccountSuppressionList" || why == "UnsubscribedRecipient";
    for (auto& bounced : report.recipients) bounced.withheld = withheld;
    if (value("bounce.bounceType") != "Transient") return;
    for (auto& bounced : report.recipients) {
      if (bounced.status.klass != 4) bounced.status = {4, 0, 0};
    }
  }

  void add_traces(Report& report) const {
    for (std::size_t i = 0; i + 1 < members_.size() && report.returned.traces.size() < 16; ++i) {
      const bool pair =
          members_[i].path == "mail.headers.name" && members_[i + 1].path == "mail.headers.value";
      if (pair && equals_ignoring_case(trim(members_[i].value), "suppressd-trace")) {
        report.returned.traces.push_back(clean(members_[i + 1].value, 2000));
      }
    }
  }

  std::vector<Member> members_;
};

/// The object at the start of `text`, or one that it contains as a string: SNS does this if a subscriber
/// wants more than the message.
bool read_object(std::string text, Report& report) {
  for (int i = 0; i <= kEnvelopes; ++i) {
    auto members = Json(text).members();
    const auto message = std::ranges::find(members, "Message", &Member::path);
    if (message != members.end() && trim(message->value).starts_with('{')) {
      text = std::string(trim(message->value));
      continue;
    }
    lift(members);
    return Notification(std::move(members)).read(report);
  }
  return false;
}

}  // namespace

bool read_notification(std::string_view text, Report& report) {
  text = trim(text);
  if (!text.starts_with('{')) return false;
  Report told;
  if (!read_object(std::string(text), told)) return false;
  report = std::move(told);
  return true;
}

}  // namespace suppressd::report
