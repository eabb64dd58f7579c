#include "checkpoint_json.h"

#include "suppressd/base/json.h"
#include "suppressd/core/outcome_json.h"

namespace suppressd {
namespace {

Json json_of(const std::optional<Time>& time) {
  return time ? Json(to_unix(*time)) : Json(nullptr);
}

std::optional<Time> maybe_time(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return from_unix(json.get<std::int64_t>());
}

Time time_of(const Json& json) {
  return from_unix(json.get<std::int64_t>());
}

MessageKey message_from(const Json& json) {
  return {.host = json.at("host"),
          .instance = json.at("instance"),
          .queue_id = json.at("queue_id"),
          .entered = time_of(json.at("entered"))};
}

Json json_of(const EventId& id) {
  return {{"ended", to_unix(id.ended)},
          {"kind", static_cast<int>(id.kind)},
          {"phase", static_cast<int>(id.phase)},
          {"message", json_of(id.message)},
          {"number", id.number}};
}

EventId id_from(const Json& json) {
  return {.ended = time_of(json.at("ended")),
          .kind = static_cast<ListEventKind>(json.at("kind").get<int>()),
          .phase = static_cast<FailurePhase>(json.at("phase").get<int>()),
          .message = message_from(json.at("message")),
          .number = json.at("number")};
}

Json json_of(const ListEntry& entry) {
  return {{"kind", name_of(entry.kind)},
          {"state", name_of(entry.state)},
          {"since", to_unix(entry.since)},
          {"until", json_of(entry.until)},
          {"category", name_of(entry.category)},
          {"certainty", static_cast<int>(entry.certainty)},
          {"rule", entry.rule},
          {"provider", entry.provider},
          {"ref", json_of(entry.ref)},
          {"scope", entry.scope},
          {"was_permanent", entry.was_permanent}};
}

ListEntry entry_from(const Json& json) {
  ListEntry entry;
  entry.kind = suppression_kind_from(json.at("kind").get<std::string>()).value();
  entry.state = suppression_state_from(json.at("state").get<std::string>()).value();
  entry.since = time_of(json.at("since"));
  entry.until = maybe_time(json.at("until"));
  entry.category = category_from(json.at("category").get<std::string>()).value();
  entry.certainty = static_cast<Certainty>(json.at("certainty").get<int>());
  entry.rule = json.at("rule");
  entry.provider = json.at("provider");
  entry.ref = id_from(json.at("ref"));
  entry.scope = json.at("scope");
  entry.was_permanent = json.at("was_permanent");
  return entry;
}

Json json_of(const Ladder& ladder) {
  return {{"step", ladder.step}, {"idle_since", json_of(ladder.idle_since)}};
}

Ladder ladder_from(const Json& json) {
  return {.step = json.at("step"), .idle_since = maybe_time(json.at("idle_since"))};
}

template <typename Value, typename From>
std::optional<Value> maybe(const Json& json, From from) {
  if (json.is_null()) return std::nullopt;
  return from(json);
}

Checkpoint read(const Json& json) {
  Checkpoint checkpoint;
  checkpoint.last = id_from(json.at("last"));
  auto& state = checkpoint.state;
  for (const auto& entry : json.at("entries")) state.entries.push_back(entry_from(entry));
  for (const auto& failure : json.at("soft_set"))
    state.soft_set.push_back(
        {.message = message_from(failure.at("message")), .ended = time_of(failure.at("ended"))});
  state.newest_soft = maybe_time(json.at("newest_soft"));
  state.hard_ladder = ladder_from(json.at("hard_ladder"));
  state.soft_ladder = ladder_from(json.at("soft_ladder"));
  state.delivery = maybe<EventId>(json.at("delivery"), id_from);
  state.hard_failure = maybe<ListEntry>(json.at("hard_failure"), entry_from);
  return checkpoint;
}

}  // namespace

std::string json_of(const Checkpoint& checkpoint) {
  const auto& state = checkpoint.state;
  Json json;
  json["last"] = json_of(checkpoint.last);
  json["entries"] = Json::array();
  for (const auto& entry : state.entries) json["entries"].push_back(json_of(entry));
  json["soft_set"] = Json::array();
  for (const auto& failure : state.soft_set)
    json["soft_set"].push_back({{"message", json_of(failure.message)}, {"ended", to_unix(failure.ended)}});
  json["newest_soft"] = json_of(state.newest_soft);
  json["hard_ladder"] = json_of(state.hard_ladder);
  json["soft_ladder"] = json_of(state.soft_ladder);
  json["delivery"] = state.delivery ? json_of(*state.delivery) : Json(nullptr);
  json["hard_failure"] = state.hard_failure ? json_of(*state.hard_failure) : Json(nullptr);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Checkpoint> checkpoint_from(std::string_view json) {
  try {
    return read(Json::parse(json));
  } catch (const std::exception&) {  // changed by hand
    return std::nullopt;
  }
}

}  // namespace suppressd
