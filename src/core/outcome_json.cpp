#include "suppressd/core/outcome_json.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace suppressd {
namespace {

// Not Json, whose objects are searched from the start: an object with many members would be slow.
using Parsed = nlohmann::json;

constexpr std::int64_t kLatest = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr int kHighestCode = 999;

Json json_of(const Tags& tags) {
  return {{"campaign", tags.campaign},
          {"source", tags.source},
          {"account", tags.account},
          {"contact", tags.contact}};
}

Json json_of(const FailureReason& reason) {
  return {{"category", name_of(reason.judgement.category)},
          {"action", name_of(reason.judgement.action)},
          {"weak", reason.judgement.weak},
          {"rule", reason.judgement.rule},
          {"code", reason.code},
          {"status", format_status(reason.status)},
          {"stage", name_of(reason.stage)},
          {"provider", reason.provider},
          {"relay", reason.relay},
          {"text", reason.text}};
}

std::optional<std::int64_t> whole_number(const Parsed& json) {
  if (!json.is_number_integer()) return std::nullopt;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > kMost) return std::nullopt;
  return json.get<std::int64_t>();
}

// The empty text means that there is no status.
std::optional<EnhancedStatus> status_from(std::string_view text) {
  return text.empty() ? EnhancedStatus{} : parse_enhanced_status(text);
}

// Reads the fields of one object. The first one that is wrong becomes the error.
class Fields {
 public:
  Fields(const Parsed& json, std::string prefix, std::optional<Error>& error)
      : json_(json), prefix_(std::move(prefix)), error_(error) {}

  void read(const char* name, std::string& value) {
    constexpr std::string_view kRight = "a text";
    const auto* field = find(name, kRight);
    if (field == nullptr) return;
    if (!field->is_string()) return wrong(name, kRight);
    value = field->get_ref<const std::string&>();
  }
  void read(const char* name, bool& value) {
    constexpr std::string_view kRight = "true or false";
    const auto* field = find(name, kRight);
    if (field == nullptr) return;
    if (!field->is_boolean()) return wrong(name, kRight);
    value = field->get<bool>();
  }
  void read(const char* name, int& value, int most) {
    const auto right = "a whole number from 0 to " + std::to_string(most);
    const auto* field = find(name, right);
    if (field == nullptr) return;
    const auto number = whole_number(*field);
    if (!number || *number < 0 || *number > most) return wrong(name, right);
    value = static_cast<int>(*number);
  }
  void read(const char* name, Time& value) {
    constexpr std::string_view kRight = "a time in Unix seconds, up to the year 9999";
    const auto* field = find(name, kRight);
    if (field == nullptr) return;
    const auto number = whole_number(*field);
    if (!number || *number < -kLatest || *number > kLatest) return wrong(name, kRight);
    value = from_unix(*number);
  }
  void read(const char* name, std::optional<Time>& value) {
    const auto* field = find(name, "a time in Unix seconds, or null");
    if (field != nullptr && !field->is_null()) read(name, value.emplace());
  }
  /// A word; `from` returns nullopt if it is unknown.
  template <typename Value, typename From>
  void read(const char* name, Value& value, From from, std::string_view right) {
    const auto* field = find(name, right);
    if (field == nullptr) return;
    const auto read = field->is_string() ? from(field->get_ref<const std::string&>()) : std::nullopt;
    if (!read) return wrong(name, right);
    value = *read;
  }
  Fields object(const char* name) {
    static const Parsed kNone = Parsed::object();
    constexpr std::string_view kRight = "an object";
    const auto* field = find(name, kRight);
    if (field != nullptr && !field->is_object()) wrong(name, kRight);
    return {field != nullptr && field->is_object() ? *field : kNone, prefix_ + name + ".", error_};
  }

 private:
  const Parsed* find(const char* name, std::string_view right) {
    const auto found = json_.find(name);
    if (found != json_.end()) return &*found;
    fail(name, " is missing: it must be ", right);
    return nullptr;
  }
  void wrong(const char* name, std::string_view right) { fail(name, " must be ", right); }
  void fail(const char* name, std::string_view what, std::string_view right) {
    if (error_) return;
    error_.emplace();
    error_->message.append("\"").append(prefix_).append(name).append("\"").append(what).append(right);
  }

  const Parsed& json_;
  std::string prefix_;
  std::optional<Error>& error_;
};

void read(Fields fields, MessageKey& message) {
  fields.read("host", message.host);
  fields.read("instance", message.instance);
  fields.read("queue_id", message.queue_id);
  fields.read("entered", message.entered);
}

void read(Fields fields, Tags& tags) {
  fields.read("campaign", tags.campaign);
  fields.read("source", tags.source);
  fields.read("account", tags.account);
  fields.read("contact", tags.contact);
}

void read(Fields fields, FailureReason& reason) {
  auto& judgement = reason.judgement;
  fields.read("category", judgement.category, category_from, "the name of a category, as bad-mailbox");
  fields.read("action", judgement.action, action_from, "none, soft, hard or complaint");
  fields.read("weak", judgement.weak);
  fields.read("rule", judgement.rule);
  fields.read("code", reason.code, kHighestCode);
  fields.read("status", reason.status, status_from, "an enhanced status as 5.1.1, or empty");
  fields.read("stage", reason.stage, stage_from, "a stage of the dialogue, as rcpt");
  fields.read("provider", reason.provider);
  fields.read("relay", reason.relay);
  fields.read("text", reason.text);
}

}  // namespace

Json json_of(const MessageKey& message) {
  return {{"host", message.host},
          {"instance", message.instance},
          {"queue_id", message.queue_id},
          {"entered", to_unix(message.entered)}};
}

std::string json_of(const Outcome& outcome) {
  const Json json{{"kind", name_of(outcome.kind)},
                  {"origin", name_of(outcome.origin)},
                  {"ended_by", name_of(outcome.ended_by)},
                  {"address", outcome.address},
                  {"at", to_unix(outcome.at)},
                  {"message", json_of(outcome.message)},
                  {"sender", outcome.sender},
                  {"first_failed", outcome.first_failed ? Json(to_unix(*outcome.first_failed)) : Json()},
                  {"attempts", outcome.attempts},
                  {"returned", outcome.returned},
                  {"failing_beside", outcome.failing_beside},
                  {"message_id", outcome.message_id},
                  {"full_message_id", outcome.full_message_id},
                  {"tags", json_of(outcome.tags)},
                  {"reason", json_of(outcome.reason)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Outcome> outcome_from(std::string_view json) {
  if (json.size() > kOutcomeJsonLimit)
    return Error{"an outcome must be at most " + std::to_string(kOutcomeJsonLimit) + " bytes of JSON"};
  const auto parsed = Parsed::parse(json, nullptr, false);
  if (!parsed.is_object()) return Error{"an outcome must be a JSON object"};
  Outcome outcome;
  std::optional<Error> error;
  Fields fields(parsed, {}, error);
  fields.read("kind", outcome.kind, outcome_kind_from, "delivered, relayed, failed or complaint");
  fields.read("origin", outcome.origin, origin_from, "log or report");
  fields.read("ended_by", outcome.ended_by, ended_by_from, "bounced, expired, window, report or empty");
  fields.read("address", outcome.address);
  fields.read("at", outcome.at);
  read(fields.object("message"), outcome.message);
  fields.read("sender", outcome.sender);
  fields.read("first_failed", outcome.first_failed);
  fields.read("attempts", outcome.attempts, std::numeric_limits<int>::max());
  fields.read("returned", outcome.returned);
  fields.read("failing_beside", outcome.failing_beside, std::numeric_limits<int>::max());
  fields.read("message_id", outcome.message_id);
  fields.read("full_message_id", outcome.full_message_id);
  read(fields.object("tags"), outcome.tags);
  read(fields.object("reason"), outcome.reason);
  if (error) return std::move(*error);
  return outcome;
}

}  // namespace suppressd
