#include <algorithm>
#include <array>
#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/base/time_zone.h"
#include "suppressd/config/config.h"
#include "suppressd/core/address.h"
#include "suppressd/learn/relays.h"
#include "suppressd/milter/network.h"
#include "suppressd/milter/socket.h"
#include "suppressd/mta/dialect.h"

#include "config_values.h"

namespace suppressd {
namespace {

using Texts = std::vector<std::string>;
using values::wrong;

constexpr std::int64_t kHighestThreshold = 100;
constexpr std::int64_t kHighestBurst = 1'000'000'000;
constexpr std::int64_t kMostTestMessages = 100'000;

/// A key with one value.
template <typename Set>
ConfigKey one(std::string name, std::string takes, std::string help, Set set,
              ConfigType type = ConfigType::text) {
  return {std::move(name),
          std::move(takes),
          std::move(help),
          false,
          type,
          [set](Config& config, const Texts& texts) -> Status {
            if (texts.size() != 1) return Error{"takes one value, not " + std::to_string(texts.size())};
            return set(config, texts[0]);
          }};
}

/// A key with a list of values.
template <typename Set>
ConfigKey many(std::string name, std::string takes, std::string help, Set set) {
  return {std::move(name), std::move(takes), std::move(help), true, ConfigType::text, set};
}

/// Stores the value that was read, or returns why it could not be read.
template <typename Value, typename Field>
Status put(Result<Value> read, Field& field) {
  if (!read) return read.error();
  field = static_cast<Field>(std::move(read).value());
  return {};
}

template <typename Field>
Status put_checked(const Status& checked, Field& field, const Field& value) {
  if (!checked) return checked;
  field = value;
  return {};
}

template <typename Choice, std::size_t N>
Status choose(const std::array<std::pair<std::string_view, Choice>, N>& choices, const std::string& text,
              Choice& field) {
  std::string names;
  for (const auto& [name, choice] : choices) {
    if (name == text) {
      field = choice;
      return {};
    }
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return wrong(text, "is not one of " + names);
}

Status no_empty(const Texts& texts) {
  if (std::ranges::find(texts, std::string()) != texts.end()) return Error{"an entry is empty; leave it out"};
  return {};
}

Status set_journal(Config& config, const std::string& text) {
  if (text == "auto" || text == "yes" || text == "no" || text.starts_with('/')) {
    config.source_journal = text;
  } else if (text == "true" || text == "false") {
    config.source_journal = text == "true" ? "yes" : "no";
  } else {
    return wrong(text, "is not one of true, false, \"auto\" and a folder's absolute path");
  }
  return {};
}

Status set_bypass_senders(Config& config, const Texts& texts) {
  Texts canonical;
  for (const auto& text : texts) {
    auto entry = canonical_entry(text);
    if (!entry) return entry.error();
    canonical.push_back(std::move(entry).value());
  }
  config.gatekeeper.bypass_senders = std::move(canonical);
  return {};
}

Status set_bypass_networks(Config& config, const Texts& texts) {
  for (const auto& text : texts) {
    if (auto network = Network::parse(text); !network) return network.error();
  }
  config.gatekeeper.bypass_networks = texts;
  return {};
}

Status set_relays(const Texts& texts, Texts& field) {
  Texts relays;
  for (const auto& text : texts) {
    auto relay = canonical_relay(text);
    if (!relay) return relay.error();
    relays.push_back(std::move(*relay));
  }
  field = std::move(relays);
  return {};
}

Status set_local_relays(Config& config, const Texts& texts) {
  const bool by_default = std::ranges::find(texts, "default") != texts.end();
  if (by_default && texts.size() > 1)
    return Error{"\"default\" must be the only entry; to add relays, list those of the default, too"};
  if (auto status = set_relays(by_default ? Texts{} : texts, config.learn.local_relays); !status)
    return status;
  config.learn.local_relays_default = by_default;
  return {};
}

Status set_timezone(Config& config, const std::string& text) {
  if (auto zone = TimeZone::load(text); !zone) return zone.error();
  config.learn.timezone = text;
  return {};
}

Status set_action(Config& config, Category category, const std::string& text) {
  const auto action = action_from(text);
  const bool is_complaint = category == Category::complaint;
  const bool allowed = action && (*action == Action::none || (*action == Action::complaint) == is_complaint);
  if (!allowed)
    return wrong(text, is_complaint ? "is neither complaint nor none" : "is not one of hard, soft, none");
  config.learn.actions.set(category, *action);
  return {};
}

std::vector<ConfigKey> database_keys() {
  return {
      one("database.path", "an absolute path", "the SQLite database",
          [](Config& c, const std::string& t) {
            return put_checked(values::absolute_path(t), c.database_path, t);
          }),
      one("database.keep_refusals", "a duration such as 30d, or forever",
          "how long each refusal is kept; older ones are counted by day",
          [](Config& c, const std::string& t) { return put(parse_duration(t), c.retention.refusals); }),
      one("database.keep_evidence", "a duration such as 30d, or forever",
          "how long evidence is kept if no entry refers to it",
          [](Config& c, const std::string& t) { return put(parse_duration(t), c.retention.evidence); }),
      one("recipient.keep", "a duration such as 400d, or forever; 0s: not at all",
          "how long the newest delivery to an address is remembered, if nothing else is known of it",
          [](Config& c, const std::string& t) {
            auto status = put(parse_duration(t), c.retention.recipients);
            c.learn.remember_deliveries = c.retention.recipients > Duration{};
            return status;
          }),
  };
}

std::vector<ConfigKey> milter_keys() {
  return {
      one("milter.socket", "unix:/path, inet:port@host, inet6:port@host or fd:3",
          "where the MTA connects to this filter",
          [](Config& c, const std::string& t) { return put_checked(check_socket(t), c.milter.socket, t); }),
      one("milter.socket_mode", "a file mode such as 0660", "permissions of a unix socket",
          [](Config& c, const std::string& t) { return put(values::file_mode(t), c.milter.socket_mode); }),
      one("milter.socket_group", "a group name, or empty for the default", "group of a unix socket",
          [](Config& c, const std::string& t) { return put_checked({}, c.milter.socket_group, t); }),
      one("milter.mode", "enforce or monitor", "whether suppressed recipients are refused, or only recorded",
          [](Config& c, const std::string& t) {
            return choose<Mode, 2>({{{"enforce", Mode::enforce}, {"monitor", Mode::monitor}}}, t,
                                   c.gatekeeper.mode);
          }),
      one("milter.on_error", "accept or tempfail", "what to answer when the database cannot be read",
          [](Config& c, const std::string& t) {
            return choose<OnError, 2>({{{"accept", OnError::accept}, {"tempfail", OnError::tempfail}}}, t,
                                      c.gatekeeper.on_error);
          }),
      one("milter.recipient_delimiter", "one or two characters such as + or +-, or empty",
          "characters that begin an address extension: user+tag@example.com",
          [](Config& c, const std::string& t) {
            return put_checked(values::delimiters(t), c.gatekeeper.recipient_delimiter, t);
          }),
      many("milter.bypass_senders", "addresses, @domains or @.domains", "senders whose mail is never refused",
           set_bypass_senders),
      many("milter.bypass_sasl_users", "login names", "logged-in users whose mail is never refused",
           [](Config& c, const Texts& t) {
             return put_checked(no_empty(t), c.gatekeeper.bypass_sasl_users, t);
           }),
      many("milter.bypass_networks", "networks such as 192.0.2.0/24 or 2001:db8::/32",
           "clients whose mail is never refused", set_bypass_networks),
      many("milter.inbound_daemons", "daemon names, as {daemon_name} gives them",
           "services that receive mail from outside: reports are read there",
           [](Config& c, const Texts& t) { return put_checked(no_empty(t), c.inbound_daemons, t); }),
  };
}

Status set_flag(const std::string& text, bool& field) {
  if (text != "true" && text != "false") return wrong(text, "is neither true nor false");
  field = text == "true";
  return {};
}

ConfigKey tag_key(const std::string& name, const std::string& help, TagSource TagSources::*field) {
  return one("tags." + name, "header:NAME, header:NAME:N, list-id, sasl, or empty", help,
             [field](Config& c, const std::string& t) { return put(tag_source_from(t), c.tags.*field); });
}

std::vector<ConfigKey> tag_keys() {
  return {
      tag_key("campaign", "where the campaign of a message is read", &TagSources::campaign),
      tag_key("source", "where the list source of a message is read", &TagSources::source),
      tag_key("account", "where the account of a message is read", &TagSources::account),
      tag_key("contact", "where the contact of a message is read", &TagSources::contact),
  };
}

Status set_breaker_dimensions(Config& config, const Texts& texts) {
  std::vector<BreakerDimension> dimensions;
  for (const auto& text : texts) {
    const auto dimension = breaker_dimension_from(text);
    if (!dimension) return wrong(text, "is not one of campaign, source, account, sender-domain");
    if (std::ranges::find(dimensions, *dimension) != dimensions.end()) return wrong(text, "is there twice");
    dimensions.push_back(*dimension);
  }
  config.learn.breaker.dimensions = std::move(dimensions);
  return {};
}

Status set_breaker_pauses(Config& config, const Texts& texts) {
  std::vector<Duration> pauses;
  for (const auto& text : texts) {
    const auto pause = values::bounded_duration(text);
    if (!pause) return pause.error();
    pauses.push_back(*pause);
  }
  if (pauses.empty()) return Error{"at least one duration is needed; write, for example, [\"1h\", \"4h\"]"};
  config.learn.breaker.pauses = std::move(pauses);
  return {};
}

std::vector<ConfigKey> breaker_keys() {
  return {
      many("breaker.dimensions", "campaign, source, account, sender-domain",
           "what is paused when too many of its addresses are dead; empty: nothing", set_breaker_dimensions),
      one("breaker.action", "tempfail or hold", "what happens to mail that is paused",
          [](Config& c, const std::string& t) {
            return choose<BreakerAction, 2>(
                {{{"tempfail", BreakerAction::tempfail}, {"hold", BreakerAction::hold}}}, t,
                c.learn.breaker.action);
          }),
      many("breaker.pauses", "durations such as 1h, 4h, 24h",
           "how long mail is paused before the first test, the second ...", set_breaker_pauses),
      one(
          "breaker.test_messages", "a whole number from 10 to 100000",
          "messages that test whether a pause may end",
          [](Config& c, const std::string& t) {
            return put(values::whole_number(t, 10, kMostTestMessages), c.learn.breaker.test_messages);
          },
          ConfigType::number),
      one("breaker.test_for", "a duration such as 4h", "how long to wait for the end of test messages",
          [](Config& c, const std::string& t) {
            return put(values::bounded_duration(t), c.learn.breaker.test_for);
          }),
  };
}

std::vector<ConfigKey> warm_up_keys() {
  return {
      one(
          "warm_up.start", "a whole number, 0 for no limit",
          "sends of the first day to a provider where the sender domain is new",
          [](Config& c, const std::string& t) {
            return put(values::whole_number(t, 0, kHighestBurst), c.warm_up.start);
          },
          ConfigType::number),
      one(
          "warm_up.growth", "a number from 1 to 10", "by how much the next day may have more",
          [](Config& c, const std::string& t) { return put(values::fraction(t, 1, 10), c.warm_up.growth); },
          ConfigType::fraction),
  };
}

std::vector<ConfigKey> report_keys() {
  return {
      one(
          "trace.enabled", "true or false",
          "whether outbound mail gets the header that proves that it is ours",
          [](Config& c, const std::string& t) { return set_flag(t, c.trace_enabled); },
          ConfigType::flag_or_text),
      one("trace.key_file", "an absolute path, or empty for trace.keys beside the database",
          "the signing keys of that header",
          [](Config& c, const std::string& t) {
            return put_checked(t.empty() ? Status{} : values::absolute_path(t), c.trace_key_file, t);
          }),
      one("report.window", "a duration such as 30d",
          "how long after a message was sent a bounce or complaint is believed",
          [](Config& c, const std::string& t) {
            auto set = put(values::bounded_duration(t), c.retention.deliveries);
            c.learn.report_window = c.retention.deliveries;
            return set;
          }),
      one(
          "report.index", "true or false",
          "whether every delivery is kept for report.window, to be found by Message-ID",
          [](Config& c, const std::string& t) {
            auto set = set_flag(t, c.learn.report_index);
            c.learn.tracker.keep_message_ids = c.learn.report_index;
            return set;
          },
          ConfigType::flag_or_text),
  };
}

std::vector<ConfigKey> source_keys() {
  return {
      many("source.files", "absolute paths", "mail logs to follow",
           [](Config& c, const Texts& t) {
             return put_checked(values::absolute_paths(t), c.source_files, t);
           }),
      one("source.journal", "true, false, auto, or an absolute path",
          "whether to follow the systemd journal, or a folder that holds one", set_journal,
          ConfigType::flag_or_text),
      many("source.units", "names of systemd units, * allowed",
           "the MTA's own units: only their journal entries are believed",
           [](Config& c, const Texts& t) { return put_checked(no_empty(t), c.source_units, t); }),
      one("source.start", "end or beginning", "where to begin in a log at the very first start",
          [](Config& c, const std::string& t) {
            return choose<StartAt, 2>({{{"end", StartAt::end}, {"beginning", StartAt::beginning}}}, t,
                                      c.source_start);
          }),
      one("source.timezone", "a zone such as Europe/Berlin, or empty for the system's",
          "time zone of log lines that name none", set_timezone),
  };
}

/// `auto, postfix or sendmail`; `last` is what the last name is joined by.
std::string dialect_names(std::string_view last) {
  std::string names = "auto";
  for (const Dialect* dialect : dialects()) {
    names += dialect == dialects().back() ? last : ", ";
    names += dialect->name;
  }
  return names;
}

Status set_dialect(Config& config, const std::string& text) {
  const Dialect* dialect = find_dialect(text);
  if (dialect == nullptr && text != "auto") return wrong(text, "is not one of " + dialect_names(", "));
  config.learn.dialect = dialect;
  return {};
}

std::vector<ConfigKey> judgement_keys() {
  return {
      one("mta.dialect", dialect_names(" or "), "whose log lines to read", set_dialect),
      many("mta.local_relays", "IP addresses, host names, .domains, unix, or default",
           "relays of this host: neither failure nor delivery", set_local_relays),
      many("mta.relays", "IP addresses, host names, .domains",
           "smart hosts: what they accept is relayed, not delivered",
           [](Config& c, const Texts& t) { return set_relays(t, c.learn.relays); }),
      many("hard.weak_for", "durations such as 30d, 90d, forever, each longer than the one before",
           "how long a hard failure suppresses if its rule is not sure",
           [](Config& c, const Texts& t) { return put(values::ladder(t), c.learn.policy.weak_ladder); }),
      many(
          "hard.bad_domain_for", "durations such as 30d, 90d, forever, each longer than the one before",
          "how long a domain that accepts no mail is suppressed",
          [](Config& c, const Texts& t) { return put(values::ladder(t), c.learn.policy.bad_domain_ladder); }),
      many(
          "hard.known_good_for", "durations such as 30d, 90d, forever, each longer than the one before",
          "how long a sure hard failure suppresses an address that was delivered to within 180 days",
          [](Config& c, const Texts& t) { return put(values::ladder(t), c.learn.policy.known_good_ladder); }),
      one(
          "hard.burst", "a whole number, 0 for no limit",
          "how many hard failures at one provider within an hour, and a fifth of the sends that ended there, "
          "make the brake act",
          [](Config& c, const std::string& t) {
            return put(values::whole_number(t, 0, kHighestBurst), c.learn.hard_burst);
          },
          ConfigType::number),
      one(
          "incident.provider", "true or false",
          "whether provider incidents are looked for; false: only the brake",
          [](Config& c, const std::string& t) { return set_flag(t, c.learn.incidents); },
          ConfigType::flag_or_text),
      one(
          "soft.threshold", "a whole number from 1 to 100",
          "failed sends in a row before an address is suppressed",
          [](Config& c, const std::string& t) {
            return put(values::whole_number(t, 1, kHighestThreshold), c.learn.policy.threshold);
          },
          ConfigType::number),
      one("soft.retry_window", "a duration such as 72h",
          "how long a send may be deferred before it counts as failed",
          [](Config& c, const std::string& t) {
            return put(values::bounded_duration(t), c.learn.tracker.retry_window);
          }),
      one("soft.min_interval", "a duration such as 72h",
          "minimum time between two messages whose failures both count",
          [](Config& c, const std::string& t) {
            return put(values::finite_duration(t), c.learn.policy.min_interval);
          }),
      many("soft.suppress_for", "durations such as 30d, 90d, forever, each longer than the one before",
           "how long a soft suppression lasts: the first, the second ...",
           [](Config& c, const Texts& t) { return put(values::ladder(t), c.learn.policy.soft_ladder); }),
      one("soft.stale_after", "a duration such as 30d, or forever",
          "time without a failure that ends a streak",
          [](Config& c, const std::string& t) {
            if (t == "forever") return put_checked({}, c.learn.policy.stale_after, kForever);
            return put(values::bounded_duration(t), c.learn.policy.stale_after);
          }),
      one("complaint.scope", "sender-domain or all",
          "whose mail a complaint stops: that of the sender's domain, or all mail",
          [](Config& c, const std::string& t) {
            return choose<bool, 2>({{{"sender-domain", true}, {"all", false}}}, t, c.learn.complaints_scoped);
          }),
  };
}

std::vector<ConfigKey> action_keys() {
  std::vector<ConfigKey> keys;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (!is_failure(category)) continue;
    const std::string name(name_of(category));
    keys.push_back(one("action." + name,
                       category == Category::complaint ? "complaint or none" : "hard, soft or none",
                       "what " + name + " does to the address",
                       [category](Config& c, const std::string& t) { return set_action(c, category, t); }));
  }
  return keys;
}

std::vector<ConfigKey> other_keys() {
  return {
      many(
          "rules.files", "absolute paths", "files of classifier rules, tried before the built-in ones",
          [](Config& c, const Texts& t) { return put_checked(values::absolute_paths(t), c.rules_files, t); }),
      one("log.level", "debug, info, warning or error", "how much the daemon logs",
          [](Config& c, const std::string& t) {
            return choose<std::string, 4>(
                {{{"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}}}, t,
                c.log_level);
          }),
  };
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  static const auto keys = [] {
    std::vector<ConfigKey> all;
    for (auto* section : {database_keys, milter_keys, tag_keys, breaker_keys, warm_up_keys, report_keys,
                          source_keys, judgement_keys, action_keys, other_keys}) {
      std::ranges::move(section(), std::back_inserter(all));
    }
    return all;
  }();
  return keys;
}

}  // namespace suppressd
