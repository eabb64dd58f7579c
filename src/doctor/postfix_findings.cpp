#include "postfix_findings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

namespace suppressd {
namespace {

using Level = FindingLevel;

constexpr const char* kAttributes = "default_action=accept, connect_timeout=5s, command_timeout=5s";
constexpr const char* kList = "smtpd_milters";
constexpr const char* kOtherList = "non_smtpd_milters";
constexpr std::array<std::pair<const char*, const char*>, 2> kLimits = {
    {{"smtpd_soft_error_limit", "1000"}, {"smtpd_hard_error_limit", "10000"}}};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.") ||
         host == "loopback-only";
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_smtpd(const PostfixService& service) {
  return service.program == "smtpd";
}

bool is_without_milters(const PostfixSettings& settings, const PostfixService& service) {
  const auto options = items_of(settings.value(&service, "receive_override_options"));
  return std::ranges::find(options, "no_milters") != options.end();
}

/// `127.0.0.1:10025` is host and port, `submission` only a port.
std::pair<std::string, std::string> host_and_port(const std::string& name) {
  const auto colon = name.rfind(':');
  if (colon == std::string::npos) return {{}, name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

class Examination {
 public:
  explicit Examination(const PostfixFacts& facts) : facts_(facts), settings_(facts.settings) {}

  Findings run() {
    const bool asked = anyone_asks();
    if (!asked) nobody_asks();
    for (const auto& service : settings_.services()) {
      if (!is_smtpd(service) || !asks(service)) continue;
      public_port(service);
      doubled(settings_.milters(&service, kList), kList, &service);
      order(settings_.milters(&service, kList), kList, &service);
      filter_return(service);
    }
    if (asked) {
      non_smtpd();
      const auto others = settings_.milters(cleanup(), kOtherList);
      doubled(others, kOtherList, nullptr);
      order(others, kOtherList, nullptr);
      services_without();
      default_action();
      protocol();
      error_limits();
    }
    soft_bounce();
    reply_filters();
    queue_ids();
    hidden_recipients();
    smart_host();
    instances();
    return std::move(findings_);
  }

 private:
  const PostfixService* cleanup() const { return settings_.service("cleanup", "unix"); }
  bool is_ours(const MilterItem& milter, bool chroot) const {
    const auto path = socket_path_of(milter.endpoint, chroot, settings_.value("queue_directory"));
    return facts_.place.is_at(path) || facts_.place.is_meant(milter.endpoint);
  }
  bool has_ours(const std::vector<MilterItem>& milters, bool chroot) const {
    return std::ranges::any_of(milters, [&](const auto& milter) { return is_ours(milter, chroot); });
  }
  bool no_milters(const PostfixService& service) const { return is_without_milters(settings_, service); }
  bool asks(const PostfixService& service) const {
    return !no_milters(service) && has_ours(settings_.milters(&service, kList), service.chroot);
  }
  bool others_ask() const {
    return has_ours(settings_.milters(cleanup(), kOtherList), cleanup() != nullptr && cleanup()->chroot);
  }
  bool anyone_asks() const {
    return others_ask() || std::ranges::any_of(settings_.services(), [&](const auto& service) {
             return is_smtpd(service) && asks(service);
           });
  }
  bool is_inbound(const PostfixService& service) const {
    const auto name = settings_.value(&service, "milter_macro_daemon_name");
    return std::ranges::find(facts_.inbound_daemons, name) != facts_.inbound_daemons.end();
  }
  /// Where others deliver: port 25 on an address that is not this host's own.
  bool is_public(const PostfixService& service) const {
    if (service.type == "pass") return true;
    const auto [host, port] = host_and_port(service.name);
    if (service.type != "inet" || (port != "smtp" && port != "25")) return false;
    if (!host.empty()) return !is_loopback(host);
    const auto interfaces = items_of(settings_.value(&service, "inet_interfaces"));
    return !std::ranges::all_of(interfaces, is_loopback) || interfaces.empty();
  }
  bool is_submission(const PostfixService& service) const {
    const auto port = host_and_port(service.name).second;
    return service.type == "inet" && (port == "submission" || port == "587" || port == "submissions" ||
                                      port == "smtps" || port == "465");
  }

  std::string edit(const std::string& setting) const { return postconf_command(facts_, "-e", setting); }
  std::string edit_service(const PostfixService& service, const std::string& setting) const {
    return postconf_command(facts_, "-P", service.place() + "/" + setting);
  }
  std::string set(const PostfixService* service, const std::string& list,
                  const std::vector<std::string>& items) const {
    return service != nullptr && service->options.contains(list)
               ? service_list_command(facts_, *service, list, items)
               : edit(list + " = " + joined(items, ", "));
  }
  /// suppressd first, before what is there.
  std::vector<std::string> with_first(const std::string& first, const PostfixService* service,
                                      const std::string& list) const {
    std::vector<std::string> items = {first};
    for (const auto& milter : settings_.milters(service, list)) items.push_back(milter.text);
    return items;
  }
  std::string first_of_others(const std::string& first) const {
    return set(nullptr, kOtherList, with_first(first, cleanup(), kOtherList));
  }
  std::string first_of(const std::string& first, const PostfixService& service) const {
    return service_list_command(facts_, service, kList, with_first(first, &service, kList));
  }
  std::string reload() const { return " && " + reload_command(facts_); }

  std::string item() const {
    return "{ " + facts_.place.endpoint(settings_.value("queue_directory")) + ", " + kAttributes + " }";
  }
  /// What to write in a list, and the command that defines it, if it is not defined yet.
  std::pair<std::string, std::string> named_item() const {
    if (settings_.is_set(nullptr, "suppressd_milter")) return {"$suppressd_milter", {}};
    return {"$suppressd_milter", edit("suppressd_milter = " + item()) + " && "};
  }

  void add(Level level, std::string name, std::string what, std::string why, std::string fix) {
    findings_.push_back({level, std::move(name), std::move(what), std::move(why), std::move(fix)});
  }

  void nobody_asks() {
    const auto [word, define] = named_item();
    std::string fix = define + first_of_others(word);
    bool any = false;
    for (const auto& service : settings_.services()) {
      if (!is_smtpd(service) || is_public(service) || is_inbound(service) || no_milters(service)) continue;
      any = true;
      fix += " && " + first_of(word, service);
    }
    fix += reload();
    if (!any)
      fix +=
          "; and in master.cf, below each smtpd that accepts outbound mail, but not the public port 25: -o "
          "smtpd_milters=$suppressd_milter";
    add(Level::error, "milter-missing",
        "no service of Postfix asks suppressd: no smtpd_milters and no non_smtpd_milters names its socket",
        "all mail passes unchecked; no one on the list is refused", std::move(fix));
  }

  void non_smtpd() {
    const auto* pickup = settings_.service("pickup", "unix");
    const bool off = pickup != nullptr && no_milters(*pickup);
    if (others_ask() && !off) return;
    const auto [word, define] = named_item();
    const auto why = "mail of the sendmail command (cron, PHP, web applications) passes unchecked";
    if (off)
      return add(Level::warning, "non-smtpd-milters", "pickup has receive_override_options with no_milters",
                 why, postconf_command(facts_, "-PX", "pickup/unix/receive_override_options") + reload());
    add(Level::warning, "non-smtpd-milters", "non_smtpd_milters does not name suppressd's socket", why,
        define + first_of_others(word) + reload());
  }

  void services_without() {
    std::vector<std::string> forgotten;
    std::string fix;
    const auto [word, define] = named_item();
    for (const auto& service : settings_.services()) {
      if (!is_smtpd(service) || !is_submission(service) || asks(service)) continue;
      forgotten.push_back(service.name);
      fix += (fix.empty() ? define : " && ") + first_of(word, service);
    }
    if (forgotten.empty()) return;
    add(Level::warning, "milter-forgotten", "suppressd is not asked by " + joined(forgotten, ", "),
        "what mail programs and applications submit there passes unchecked", fix + reload());
  }

  void public_port(const PostfixService& service) {
    if (!is_public(service) || is_inbound(service)) return;
    const bool own = service.options.contains(kList);
    std::vector<std::string> rest;
    for (const auto& milter : settings_.milters(&service, kList))
      if (!is_ours(milter, service.chroot)) rest.push_back(milter.text);
    const auto remove = own && rest.empty() ? postconf_command(facts_, "-PX", service.place() + "/" + kList)
                                            : service_list_command(facts_, service, kList, rest);
    add(Level::warning, "milter-public-port",
        "the public service " + service.place() + " asks suppressd" +
            (own ? "" : " (smtpd_milters in main.cf holds for all services)"),
        "mail from outside to your own users is refused if they are on the list of those to whom you do not "
        "send",
        remove + reload() + "; or, to read bounces and complaints there: " +
            edit_service(service, "milter_macro_daemon_name = inbound") +
            ", and milter.inbound_daemons = [\"inbound\"] in suppressd.conf");
  }

  void doubled(const std::vector<MilterItem>& milters, const std::string& list,
               const PostfixService* service) {
    const auto& asking = service != nullptr ? service : cleanup();
    const bool chroot = asking != nullptr && asking->chroot;
    std::vector<std::string> kept;
    int ours = 0;
    for (const auto& milter : milters) {
      if (is_ours(milter, chroot) && ++ours > 1) continue;
      kept.push_back(milter.text);
    }
    if (ours < 2) return;
    const auto where = service != nullptr ? service->place() : "main.cf";
    add(Level::warning, "milter-doubled",
        "suppressd is " + std::to_string(ours) + " times in " + list + " of " + where,
        "each recipient is checked as often, and the second time a message that tests an address past its "
        "time is refused as if it were another one",
        set(service, list, kept) + reload());
  }

  void order(const std::vector<MilterItem>& milters, const std::string& list, const PostfixService* service) {
    if (!facts_.trace) return;
    const auto& asking = service != nullptr ? service : cleanup();
    const bool chroot = asking != nullptr && asking->chroot;
    const auto ours =
        std::ranges::find_if(milters, [&](const auto& milter) { return is_ours(milter, chroot); });
    if (ours == milters.end()) return;
    const auto signer =
        std::find_if(milters.begin(), ours, [](const auto& milter) { return is_signer(milter.endpoint); });
    if (signer == ours) return;
    std::vector<std::string> kept = {ours->text};
    for (const auto& milter : milters)
      if (!is_ours(milter, chroot)) kept.push_back(milter.text);
    const auto where = service != nullptr ? service->place() : "main.cf";
    add(Level::warning, "milter-order",
        "in " + list + " of " + where + ", suppressd comes after " + signer->endpoint + ", which signs mail",
        "suppressd adds the header Suppressd-Trace after the signature was made; a signature that covers the "
        "header, or its absence, is then broken",
        set(service, list, kept) + reload());
  }

  void default_action() {
    if (settings_.is_set(nullptr, "milter_default_action")) return;
    std::vector<std::string> where;
    const auto look = [&](const std::vector<MilterItem>& milters, bool chroot, const std::string& name) {
      for (const auto& milter : milters)
        if (is_ours(milter, chroot) && !milter.attributes.contains("default_action")) {
          where.push_back(name);
          return;
        }
    };
    for (const auto& service : settings_.services())
      if (is_smtpd(service) && asks(service))
        look(settings_.milters(&service, kList), service.chroot, service.place());
    look(settings_.milters(cleanup(), kOtherList), cleanup() != nullptr && cleanup()->chroot, kOtherList);
    if (where.empty()) return;
    add(Level::warning, "milter-default-action",
        "no default_action is set for suppressd (" + joined(where, ", ") + "), and no milter_default_action",
        "while suppressd is down, Postfix answers 451 (tempfail), and from 3.11 on 421 (shutdown); "
        "applications seldom try again, so their mail is lost",
        "name suppressd as " + item() + "; or, for all filters: " + edit("milter_default_action = accept") +
            reload());
  }

  void protocol() {
    const auto old = [](const std::string& text) {
      int number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return number < 6;
    };
    bool all_have = true;
    for (const auto& use : milter_uses(facts_)) {
      const auto milters = milters_of(settings_.value(use.service != nullptr ? use.service : cleanup(),
                                                      use.service != nullptr ? kList : kOtherList));
      for (const auto& milter : milters) {
        if (milter.endpoint != use.endpoint) continue;
        const auto found = milter.attributes.find("protocol");
        if (found == milter.attributes.end()) {
          all_have = false;
          continue;
        }
        if (old(found->second))
          return add(Level::warning, "milter-protocol", "suppressd's milter has protocol=" + found->second,
                     kOldProtocol, "remove protocol= from " + milter.text);
      }
    }
    const auto value = settings_.value("milter_protocol");
    if (value.empty() || !old(value) || all_have) return;
    add(Level::warning, "milter-protocol", "milter_protocol = " + value, kOldProtocol,
        edit("milter_protocol = 6") + reload());
  }
  static constexpr const char* kOldProtocol =
      "in protocols before 6, suppressd cannot tell Postfix which macros it needs: login and queue ID may be "
      "missing, and more than recipients is sent to it";

  void error_limits() {
    std::vector<std::string> places;
    std::string fix;
    for (const auto& service : settings_.services()) {
      if (!is_smtpd(service) || !asks(service) || is_inbound(service) || is_public(service)) continue;
      std::string here;
      for (const auto& [name, value] : kLimits)
        if (!settings_.is_set(&service, name))
          here += (here.empty() ? "" : " && ") + edit_service(service, std::string(name) + " = " + value);
      if (here.empty()) continue;
      places.push_back(service.place());
      fix += (fix.empty() ? "" : " && ") + here;
    }
    if (places.empty()) return;
    add(Level::warning, "error-limits",
        "smtpd_soft_error_limit and smtpd_hard_error_limit have their defaults on " + joined(places, ", "),
        "Postfix sleeps a second before each answer from the tenth refused recipient on, and disconnects "
        "with 421 after 20: the rest of a mailing with dead addresses in it is not sent",
        fix + reload());
  }

  void soft_bounce() {
    const auto why = [](bool learning) {
      return learning ? "Postfix makes every 5xx of other servers a 4xx: no dead mailbox is learned as dead, "
                        "and its mail is tried again for days"
                      : "Postfix answers 4xx where suppressd refuses: clients try again for days";
    };
    if (settings_.value("soft_bounce") == "yes")
      return add(Level::error, "soft-bounce", "soft_bounce = yes in main.cf", why(true),
                 edit("soft_bounce = no") + reload());
    for (const auto& service : settings_.services()) {
      if (settings_.value(&service, "soft_bounce") != "yes") continue;
      const bool asking = is_smtpd(service) && asks(service);
      // conf/postfix-incident-transport.cf.example has a transport of its own for that.
      const bool usual = service.program == "smtp" && (service.name == "smtp" || service.name == "relay");
      if (asking || usual)
        add(asking ? Level::warning : Level::error, "soft-bounce", "soft_bounce = yes for " + service.place(),
            why(!asking), postconf_command(facts_, "-PX", service.place() + "/soft_bounce") + reload());
    }
  }

  void reply_filters() {
    constexpr std::array kNames = {"smtp_reply_filter", "lmtp_reply_filter", "default_delivery_status_filter",
                                   "smtp_delivery_status_filter", "lmtp_delivery_status_filter"};
    std::set<std::string> seen;
    const auto look = [&](const PostfixService* service) {
      for (const char* name : kNames) {
        if (service != nullptr ? !service->options.contains(name) : !settings_.is_set(nullptr, name))
          continue;
        const auto value = settings_.value(service, name);
        const auto place = service != nullptr ? service->place() + "/" + name : std::string(name);
        if (value.empty() || !seen.insert(place).second) continue;
        add(Level::warning, "reply-filter", place + " = " + value,
            "it rewrites what servers say before it is logged: suppressd learns what the filter made of it, "
            "and may call a living mailbox dead or a dead one alive",
            (service != nullptr ? postconf_command(facts_, "-PX", place) : edit(std::string(name) + " =")) +
                reload() + "; if you need it, see that it changes no code of 5xx to 4xx or back");
      }
    };
    look(nullptr);
    for (const auto& service : settings_.services()) look(&service);
  }

  void queue_ids() {
    if (settings_.value("enable_long_queue_ids") == "yes") return;
    add(Level::note, "short-queue-ids", "enable_long_queue_ids = no",
        "Postfix uses a queue ID again, sometimes within seconds; suppressd tells the messages apart by "
        "their times, and you cannot in a search of the log",
        edit("enable_long_queue_ids = yes") + reload());
  }

  void filter_return(const PostfixService& service) {
    if (service.type != "inet" || !is_loopback(host_and_port(service.name).first)) return;
    // A port at which mail returns has the filter switched off that is on elsewhere.
    const auto filtered_elsewhere = [&](const char* name) {
      return service.options.contains(name) && settings_.value(&service, name).empty() &&
             (!settings_.value(name).empty() ||
              std::ranges::any_of(settings_.services(), [&](const PostfixService& other) {
                return is_smtpd(other) && !settings_.value(&other, name).empty();
              }));
    };
    if (!filtered_elsewhere("content_filter") && !filtered_elsewhere("smtpd_proxy_filter")) return;
    const auto options = items_of(settings_.value(&service, "receive_override_options"));
    add(Level::warning, "content-filter",
        "mail that returns from a content filter to " + service.name + " is checked by suppressd again",
        "it was checked before the filter; a message that tests an address past its time is refused the "
        "second time, as if it were another one",
        edit_service(service, "receive_override_options = " + joined(options, ",") +
                                  (options.empty() ? "" : ",") + "no_milters") +
            reload());
  }

  void hidden_recipients() {
    if (facts_.transport_checks) return;
    std::vector<std::string> sources;
    for (const char* name : {"always_bcc", "sender_bcc_maps", "recipient_bcc_maps"})
      if (const auto value = settings_.value(name); !value.empty())
        sources.push_back(std::string(name) + " = " + value);
    for (const auto& [table, names] : facts_.lists) sources.push_back(table + " (" + names + ")");
    if (sources.empty()) return;
    add(Level::note, "hidden-recipients", "recipients that are added after RCPT TO: " + joined(sources, "; "),
        "suppressd sees the address that the client gives, not the members of a list or a copy: mail to "
        "these is sent also if they are suppressed",
        "if dead addresses among them must get no mail: the transport map in postfix-transport.cf.example "
        "(README, \"Postfix\")");
  }

  void smart_host() {
    const auto relayhost = settings_.value("relayhost");
    if (relayhost.empty()) return;
    auto host = relayhost;
    std::string port = "smtp";
    if (const auto close = host.find(']'); host.starts_with('[') && close != std::string::npos) {
      if (close + 1 < host.size() && host[close + 1] == ':') port = host.substr(close + 2);
      host = host.substr(1, close - 1);
    } else if (const auto colon = host.find(':'); colon != std::string::npos) {
      port = host.substr(colon + 1);
      host = host.substr(0, colon);
    }
    // An address, or a port other than 25, cannot be a recipient's own server: the log tells that.
    if (port != "smtp" && port != "25") return;
    if (host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos)
      return;
    for (const auto& relay : facts_.relays)
      if (relay.find(host) != std::string::npos || (relay.starts_with('.') && host.ends_with(relay))) return;
    add(Level::warning, "relayhost", "relayhost = " + relayhost + " is not in mta.relays",
        "what the smart host takes counts as delivered to the recipient, and ends streaks; when it is down, "
        "recipients are blamed",
        "in suppressd.conf, section [mta]: relays = [\"" + host + "\"], then systemctl restart suppressd");
  }

  void instances() {
    const auto others = settings_.value("multi_instance_directories");
    if (others.empty()) return;
    add(Level::note, "instances", "this Postfix has further instances: " + others,
        "each has a configuration of its own, which was not examined",
        "suppressctl doctor --postfix-config " + items_of(others).front());
  }

  const PostfixFacts& facts_;
  const PostfixSettings& settings_;
  Findings findings_;
};

}  // namespace

Findings postfix_findings(const PostfixFacts& facts) {
  return Examination(facts).run();
}

std::vector<MilterUse> milter_uses(const PostfixFacts& facts) {
  const auto& settings = facts.settings;
  const auto queue = settings.value("queue_directory");
  std::vector<MilterUse> uses;
  const auto take = [&](const std::vector<MilterItem>& list, bool chroot, const PostfixService* service,
                        const std::string& user) {
    for (const auto& milter : list) {
      const auto path = socket_path_of(milter.endpoint, chroot, queue);
      if (!facts.place.is_at(path) && !facts.place.is_meant(milter.endpoint)) continue;
      const bool known = std::ranges::any_of(
          uses, [&](const auto& use) { return use.endpoint == milter.endpoint && use.chroot == chroot; });
      if (!known) uses.push_back({user, milter.endpoint, path, chroot, service});
    }
  };
  for (const auto& service : settings.services())
    if (is_smtpd(service) && !is_without_milters(settings, service))
      take(settings.milters(&service, kList), service.chroot, &service, "smtpd of " + service.name);
  const auto* cleanup = settings.service("cleanup", "unix");
  take(settings.milters(cleanup, kOtherList), cleanup != nullptr && cleanup->chroot, nullptr, "cleanup");
  return uses;
}

std::string postconf_command(const PostfixFacts& facts, const std::string& options,
                             const std::string& setting) {
  return "postconf " + (facts.directory.empty() ? "" : "-c " + facts.directory + " ") + options + " '" +
         setting + "'";
}

std::string reload_command(const PostfixFacts& facts) {
  return "postfix " + (facts.directory.empty() ? "" : "-c " + facts.directory + " ") + "reload";
}

std::string replace_endpoint(const PostfixFacts& facts, const MilterUse& use, const std::string& wanted) {
  const auto* name = use.service != nullptr ? kList : kOtherList;
  const auto* service = use.service != nullptr ? use.service : facts.settings.service("cleanup", "unix");
  const auto& settings = facts.settings;
  const auto replaced = [&](std::string text) {
    return text.replace(text.find(use.endpoint), use.endpoint.size(), wanted);
  };
  std::vector<std::string> items;
  for (const auto& milter : settings.milters(service, name)) {
    if (milter.endpoint != use.endpoint) {
      items.push_back(milter.text);
      continue;
    }
    // A parameter of main.cf that other lists usually name, too.
    if (milter.text.starts_with('$')) {
      const auto parameter = milter.text.substr(1);
      if (const auto value = settings.value(parameter); value.find(use.endpoint) != std::string::npos)
        return postconf_command(facts, "-e", parameter + " = " + replaced(value)) + " && " +
               reload_command(facts);
    }
    items.push_back(
        replaced(milter.text.find(use.endpoint) != std::string::npos ? milter.text : use.endpoint));
  }
  const bool own = service != nullptr && service->options.contains(name);
  return (own ? service_list_command(facts, *service, name, items)
              : postconf_command(facts, "-e", std::string(name) + " = " + joined(items, ", "))) +
         " && " + reload_command(facts);
}

std::string service_list_command(const PostfixFacts& facts, const PostfixService& service,
                                 const std::string& name, const std::vector<std::string>& items) {
  const auto place = service.place() + "/" + name + "=";
  const auto list = joined(items, ",");
  if (list.find(' ') == std::string::npos) return postconf_command(facts, "-P", place + list);
  std::string parameter = "milters_of_" + service.name;
  for (char& c : parameter)
    if (!is_word(c)) c = '_';
  return postconf_command(facts, "-e", parameter + " = " + joined(items, ", ")) + " && " +
         postconf_command(facts, "-P", place + "$" + parameter);
}

}  // namespace suppressd
