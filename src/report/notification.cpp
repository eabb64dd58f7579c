#include "notification.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "suppressd/base/text.h"
#include "suppressd/report/reader.h"

#include "delivery_status.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kDeepest = 16;
constexpr std::size_t kMostMembers = 10000;
constexpr std::size_t kLongestName = 60;
constexpr int kEnvelopes = 2;  ///< Objects that hold the object as a text.

/// One string or number: `bounce.bouncedRecipients.emailAddress`. Elements of an array have the path of the
/// array.
struct Member {
  std::string path;
  std::string value;
  std::size_t object = 0;  ///< Which object contains it, counted from the start of the text.
};

/// Takes what nlohmann's reader finds; false ends the reading. What was found before an error is kept.
class MemberCollector {
 public:
  std::vector<Member> take_members() { return std::move(members_); }

  bool null() { return add({}); }
  bool boolean(bool value) { return add(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return add(std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return add(std::to_string(value)); }
  bool number_float(double /*value*/, const std::string& text) { return add(text); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(nlohmann::json::binary_t& /*value*/) { return false; }
  bool start_object(std::size_t /*members*/) { return open(true); }
  bool start_array(std::size_t /*elements*/) { return open(false); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(const std::string& name) {
    path_.resize(levels_.back().path);
    if (!path_.empty()) path_ += '.';
    path_.append(name, 0, kLongestName);
    return true;
  }

  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*why*/) {
    return false;
  }

 private:
  struct Level {
    std::size_t path;   ///< Length of the path of the object or array itself.
    std::size_t which;  ///< The object, or the one that holds the array.
  };

  bool open(bool object) {
    if (levels_.size() >= kDeepest) return false;
    const auto holder = levels_.empty() ? 0 : levels_.back().which;
    levels_.push_back({path_.size(), object ? ++objects_ : holder});
    return true;
  }

  bool close() {
    path_.resize(levels_.back().path);
    levels_.pop_back();
    return true;
  }

  bool add(std::string value) {
    members_.push_back({path_, std::move(value), levels_.empty() ? 0 : levels_.back().which});
    return members_.size() < kMostMembers;
  }

  std::string path_;
  std::size_t objects_ = 0;
  std::vector<Level> levels_;
  std::vector<Member> members_;
};

/// Of the value at the start of `text`; what follows it, and bytes that JSON does not allow, do no harm.
std::vector<Member> members_of(std::string_view text) {
  MemberCollector collector;
  nlohmann::json::sax_parse(clean(text, 3 * text.size()), &collector, nlohmann::json::input_format_t::json,
                            false);
  return collector.take_members();
}

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
    auto members = members_of(text);
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
