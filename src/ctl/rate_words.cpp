#include "rate_words.h"

#include <cmath>

#include "json.h"

namespace suppressd::ctl {
namespace {

Json rounded_percent(const std::optional<RateShare>& share) {
  if (!share || share->sends <= 0) return nullptr;
  return std::round(share->value() * 100000) / 1000;
}

}  // namespace

std::string shown_name(const std::string& name) {
  return name.empty() ? "(unknown)" : name.starts_with('/') ? "(unknown)" + name : name;
}

std::string words_of(const UnusualRate& rate) {
  const auto& [level, window, share] = rate.judgement;
  return Alert{.place = rate.place, .what = rate.what, .level = level, .window = window, .share = share}
      .words();
}

Json json_of(const UnusualRate& rate) {
  const auto& [level, window, share] = rate.judgement;
  Json json;
  json["record"] = "unusual";
  json["dimension"] = name_of(rate.place.dimension);
  json["name"] = rate.place.name;
  json["what"] = name_of(rate.what);
  json["level"] = level == AlertLevel::none ? "near" : name_of(level);
  json["percent"] = rounded_percent(share);
  json["events"] = share.events;
  json["sends"] = share.sends;
  json["within"] = format_duration(window);
  return json;
}

Json json_of(const SpamRate& rate) {
  const auto level = level_of(rate);
  Json json;
  json["record"] = "spam-rate";
  json["domain"] = rate.domain;
  json["day"] = format_date(rate.day);
  json["percent"] = std::round(rate.value() * 1e6) / 1e4;
  json["level"] = level == AlertLevel::none ? Json(nullptr) : Json(name_of(level));
  return json;
}

Json json_of(const RateSums& row, const std::string& by, Time since) {
  const auto& counts = row.sums.counts;
  Json json;
  json["record"] = "sums";
  json["by"] = by;
  json["name"] = row.name;
  json["since"] = format_time(since);
  const bool known = by != "recipient-domain";
  json["sent"] = known ? Json(counts.sent) : Json(nullptr);
  json["delivered"] = known ? Json(counts.delivered) : Json(nullptr);
  json["dead"] = counts.dead;
  json["again"] = counts.again;
  json["soft"] = counts.soft;
  json["blocked"] = counts.blocked;
  json["other"] = counts.other;
  json["excused"] = counts.excused;
  json["complaints"] = counts.complaints;
  json["refused"] = known ? Json(counts.refused) : Json(nullptr);
  json["hard_percent"] = rounded_percent(row.sums.share(AlertWhat::hard));
  json["soft_percent"] = rounded_percent(row.sums.share(AlertWhat::soft));
  json["failed_percent"] = rounded_percent(RateShare{counts.failed(), counts.base()});
  json["complaint_percent"] = rounded_percent(row.sums.share(AlertWhat::complaint));
  return json;
}

Json json_of(const LostTags& tags) {
  Json json;
  json["record"] = "lost-tags";
  json["notes"] = tags.lost;
  json["messages"] = tags.unnoted;
  return json;
}

Json json_of(const Alert& alert) {
  Json json;
  json["id"] = alert.id;
  json["state"] = alert.closed ? "closed" : "open";
  json["level"] = name_of(alert.level);
  json["what"] = name_of(alert.what);
  json["dimension"] = name_of(alert.place.dimension);
  json["name"] = alert.place.name;
  json["opened"] = format_time(alert.opened);
  json["closed"] = json_of(alert.closed);
  json["percent"] = rounded_percent(alert.share);
  json["events"] = alert.share.events;
  json["sends"] = alert.share.sends;
  json["within"] = format_duration(alert.window);
  json["mailed"] = alert.mailed;
  return json;
}

}  // namespace suppressd::ctl
