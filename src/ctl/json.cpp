#include "json.h"

#include "suppressd/core/advice.h"

#include "wording.h"

namespace suppressd::ctl {
namespace {

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

template <typename T>
Json list_of(const std::vector<T>& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(json_of(value));
  return list;
}

void add_reason(Json& json, const FailureReason& reason) {
  json["category"] = name_of(reason.judgement.category);
  json["action"] = name_of(reason.judgement.action);
  json["rule"] = text_or_null(reason.judgement.rule);
  json["code"] = reason.code ? Json(reason.code) : Json(nullptr);
  json["status"] = text_or_null(format_status(reason.status));
  json["stage"] = text_or_null(std::string(name_of(reason.stage)));
  json["provider"] = text_or_null(reason.provider);
  json["relay"] = text_or_null(reason.relay);
  json["text"] = text_or_null(reason.text);
}

void add_tags(Json& json, const Tags& tags) {
  json["campaign"] = text_or_null(tags.campaign);
  json["source"] = text_or_null(tags.source);
  json["account"] = text_or_null(tags.account);
  json["contact"] = text_or_null(tags.contact);
}

void add_failures(Json& json, const IncidentFailures& failures) {
  json["count"] = failures.count;
  json["first"] = format_time(failures.first);
  json["last"] = format_time(failures.last);
}

}  // namespace

Json json_of(const std::optional<Time>& time) {
  return time ? Json(format_time(*time)) : Json(nullptr);
}

Json json_of(const std::optional<Probe>& probe) {
  if (!probe) return nullptr;
  Json json;
  json["recipient"] = probe->recipient;
  json["queue_id"] = text_or_null(probe->queue_id);
  json["since"] = format_time(probe->since);
  return json;
}

Json json_of(const Suppression& entry, Time now) {
  Json json;
  json["address"] = entry.address;
  json["kind"] = name_of(entry.kind);
  json["scope"] = text_or_null(entry.scope);
  json["state"] = state_word(entry, now);
  json["category"] = text_or_null(entry.category);
  json["rule"] = text_or_null(entry.rule);
  json["provider"] = text_or_null(entry.provider);
  json["since"] = format_time(entry.since);
  json["until"] = json_of(entry.until);
  json["ref"] = ref_of(entry);
  json["note"] = text_or_null(entry.note);
  json["actor"] = text_or_null(entry.actor);
  return json;
}

Json json_of(const Suppression& entry, std::int64_t incident, Time now) {
  Json json = json_of(entry, now);
  json["pending_by"] = text_or_null(pending_by(entry, incident));
  return json;
}

Json json_of(const Evidence& evidence) {
  const auto& outcome = evidence.outcome;
  const auto& reason = outcome.reason;
  Json json;
  json["at"] = format_time(outcome.at);
  json["what"] = name_of(outcome.kind);
  json["origin"] = name_of(outcome.origin);
  json["host"] = text_or_null(outcome.message.host);
  json["instance"] = text_or_null(outcome.message.instance);
  json["queue_id"] = text_or_null(outcome.message.queue_id);
  json["entered"] = format_time(outcome.message.entered);
  json["sender"] = text_or_null(outcome.sender);
  json["first_failed"] = json_of(outcome.first_failed);
  json["attempts"] = outcome.attempts;
  json["ended_by"] = text_or_null(std::string(name_of(outcome.ended_by)));
  json["returned"] = outcome.returned;
  json["against"] = evidence.against.empty() ? outcome.address : evidence.against;
  json["message_id"] = text_or_null(outcome.full_message_id);
  add_tags(json, outcome.tags);
  json["scope"] = text_or_null(evidence.scope);
  add_reason(json, reason);
  return json;
}

Json json_of(const Change& change) {
  Json json;
  json["at"] = format_time(change.at);
  json["address"] = change.address;
  json["act"] = name_of(change.act);
  json["kind"] = change.kind ? Json(name_of(*change.kind)) : Json(nullptr);
  json["scope"] = text_or_null(change.scope);
  json["category"] = text_or_null(change.category);
  json["rule"] = text_or_null(change.rule);
  json["provider"] = text_or_null(change.provider);
  json["actor"] = change.actor;
  json["cause"] = change.cause;
  json["number"] = change.act_number ? Json(change.act_number) : Json(nullptr);
  return json;
}

Json json_of(const Send& send) {
  Json json;
  json["first_failed"] = format_time(send.first_failed);
  json["last_failed"] = format_time(send.last_failed);
  json["attempts"] = send.attempts;
  json["deferred"] = send.deferred;
  json["counted"] = send.counted;
  add_reason(json, *send.reason);
  return json;
}

Json json_of(const Refusal& refusal) {
  Json json;
  json["at"] = format_time(refusal.at);
  json["outcome"] = refusal.outcome;
  json["sender"] = refusal.sender;
  json["queue_id"] = text_or_null(refusal.queue_id);
  json["client"] = text_or_null(refusal.client);
  json["kind"] = text_or_null(refusal.kind);
  json["category"] = text_or_null(refusal.category);
  json["ref"] = text_or_null(refusal.ref);
  return json;
}

Json json_of(const Exemption& exemption) {
  Json json;
  json["address"] = exemption.address;
  json["since"] = format_time(exemption.since);
  json["note"] = text_or_null(exemption.note);
  json["actor"] = text_or_null(exemption.actor);
  return json;
}

Json json_of(const Unproven& report) {
  Json json;
  json["at"] = format_time(report.at);
  json["address"] = text_or_null(report.address);
  json["what"] = report.what;
  json["category"] = report.category;
  json["why"] = report.why;
  json["queue_id"] = text_or_null(report.queue_id);
  json["reporting_mta"] = text_or_null(report.reporting_mta);
  json["form"] = report.form;
  json["status"] = text_or_null(report.status);
  json["text"] = report.text;
  return json;
}

Json json_of(const Story& story, Time now) {
  const auto& recipient = story.record.recipient;
  Json json;
  json["address"] = story.record.address;
  json["exempt"] = story.record.exempt();
  json["entries"] = Json::array();
  for (const auto& entry : story.record.rows())
    json["entries"].push_back(json_of(entry, story.incident, now));
  json["domain_entry"] = story.domain_entry ? json_of(*story.domain_entry, now) : Json(nullptr);
  json["streak"] = recipient.streak;
  json["streak_since"] = json_of(recipient.streak_since);
  json["last_failure"] = json_of(recipient.last_failure);
  json["last_category"] = text_or_null(recipient.last_category);
  json["last_delivery"] = json_of(recipient.last_delivery);
  json["soft_step"] = recipient.soft_step;
  json["hard_step"] = recipient.hard_step;
  json["open_sends"] = list_of(story.open_sends);
  json["evidence"] = list_of(story.evidence);
  json["audit"] = list_of(story.changes);
  json["refusals"] = list_of(story.refusals);
  return json;
}

Json json_of(const IncidentSummary& summary, Time now) {
  const auto& incident = summary.incident;
  const auto& place = incident.place;
  const auto& span = incident.span;
  const auto closed = summary.closed(now);
  Json json;
  json["id"] = incident.id;
  json["state"] = closed ? "closed" : "open";
  json["kind"] = name_of(incident.kind);
  json["provider"] = text_or_null(place.provider);
  json["domain"] = text_or_null(place.domain);
  json["since"] = format_time(span.since);
  json["opened"] = format_time(span.opened);
  json["closed"] = json_of(closed);
  json["last"] = format_time(span.last);
  json["sends"] = span.sends;
  json["failed"] = span.failed;
  json["host"] = text_or_null(incident.side.host);
  json["sender_domain"] = text_or_null(incident.side.sender_domain);
  json["campaign"] = text_or_null(incident.side.campaign);
  json["text"] = text_or_null(incident.text);
  json["example"] = text_or_null(incident.example);
  json["closed_by"] = text_or_null(incident.closed_by);
  json["pending"] = summary.pending;
  json["read"] = summary.read;
  return json;
}

Json json_of(const IncidentStory& story, Time now) {
  Json json = json_of(story.summary, now);
  json["replies"] = Json::array();
  for (const auto& reply : story.replies) {
    Json said;
    said["code"] = reply.code ? Json(reply.code) : Json(nullptr);
    said["status"] = text_or_null(format_status(reply.status));
    said["rule"] = text_or_null(reply.rule);
    said["text"] = text_or_null(reply.text);
    add_failures(said, reply.failures);
    json["replies"].push_back(std::move(said));
  }
  json["hosts"] = Json::array();
  for (const auto& host : story.hosts) {
    Json from;
    from["host"] = text_or_null(host.host);
    add_failures(from, host.failures);
    json["hosts"].push_back(std::move(from));
  }
  json["senders"] = Json::array();
  for (const auto& sender : story.senders) {
    Json whose;
    whose["sender_domain"] = text_or_null(sender.domain);
    add_failures(whose, sender.failures);
    json["senders"].push_back(std::move(whose));
  }
  json["recipients"] = story.recipients;
  json["addresses"] = story.pending;
  json["where_to_look"] = Json::array();
  for (const auto& [what, page] : where_to_look(story.summary.incident)) {
    Json look;
    look["what"] = what;
    look["page"] = text_or_null(page);
    json["where_to_look"].push_back(std::move(look));
  }
  return json;
}

}  // namespace suppressd::ctl
