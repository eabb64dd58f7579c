// Real log lines of other projects' test sets, field by field against what a reference parser read.
//
// The sets are no part of this repository: SUPPRESSD_CORPORA names their folder (else ../shared/corpora
// beside the sources is taken), and without it these tests are skipped. known_disagreements.txt lists, by
// set, line and field, where the other side is wrong.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "suppressd/mta/dialect.h"
#include "suppressd/mta/log_line.h"

#include "postfix/delivery_line.h"
#include "sendmail/delivery_line.h"
#include "syslog.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Fields = std::map<std::string, std::string>;

fs::path corpora() {
  if (const char* given = std::getenv("SUPPRESSD_CORPORA")) return given;
  return fs::path(SUPPRESSD_SOURCE_DIR) / "../shared/corpora";
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::string joined;
  if (value.is_array()) {
    for (const json& item : value) joined += (joined.empty() ? "" : " ") + text_of(item);
  } else if (!value.is_null()) {
    joined = value.dump();
  }
  return joined;
}

std::string without_brackets(std::string text) {
  if (text.size() >= 2 && text.front() == '<' && text.back() == '>') return text.substr(1, text.size() - 2);
  return text;
}

std::string without_line_end(std::string text) {
  while (text.ends_with('\r') || text.ends_with('\n')) text.pop_back();
  return text;
}

/// `Feb  1 13:17:02` of a time in UTC, with one blank.
std::string as_rfc3164(Time time) {
  const std::string iso = format_time(time);
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return std::string(kMonths[std::stoi(iso.substr(5, 2)) - 1]) + ' ' +
         std::to_string(std::stoi(iso.substr(8, 2))) + ' ' + iso.substr(11, 8);
}

/// `Feb  1 ...` and `Feb 01 ...` as `Feb 1 ...`.
std::string with_one_blank(const std::string& stamp) {
  std::istringstream words(stamp);
  std::string month, time;
  int day = 0;
  words >> month >> day >> time;
  return month + ' ' + std::to_string(day) + ' ' + time;
}

bool is_iso(const json& row) {
  const json header = row.at("derived").value("header", json());
  return header.is_object() && header.value("format", "") == "iso8601";
}

/// The program that the set names for a line without a header; empty where it names none.
std::string program_of(const json& expect) {
  for (const char* name : {"program", "appname"}) {
    if (expect.contains(name)) return text_of(expect[name]);
  }
  return expect.contains("pattern") ? "postfix/" + text_of(expect["pattern"]) : std::string();
}

/// What a delivery line must become, by the program that wrote it: `nothing`, or the attempt's status.
std::string outcome_of(const json& derived, const std::string& tag) {
  if (derived["mta"] == "sendmail") {
    if (text_of(derived.value("mailer", json())).find("smtp") == std::string::npos) return "nothing";
    const std::string dsn = text_of(derived["dsn"]);
    return dsn[0] == '2' ? "sent" : dsn[0] == '4' ? "deferred" : "bounced";
  }
  const std::string service = tag.substr(tag.rfind('/') + 1);
  const std::string status = text_of(derived["status"]);
  const std::string relay = text_of(derived["relay"]);
  if (status.find("deliverable") != std::string::npos) return "nothing";
  if (service == "smtp" || service == "lmtp") return status;
  if (service == "qmgr" || service == "error") {
    return text_of(derived["text"]).starts_with("delivery temporarily suspended: ") ? status : "nothing";
  }
  const bool to_host =
      relay.find_first_of("[:") != std::string::npos || (relay == "none" && status != "sent");
  return service.empty() && to_host ? status : "nothing";
}

/// Fields that only the set's own authors state.
void add_stated(const json& expect, Fields& wanted) {
  const auto add = [&](const char* theirs, const char* ours) {
    if (expect.contains(theirs) && !expect[theirs].is_null())
      wanted[ours] = without_brackets(text_of(expect[theirs]));
  };
  if (wanted["kind"] != "delivery") return;
  for (const char* name : {"queue_id", "Queue", "id", "qid", "postfix_queueid"}) add(name, "qid");
  for (const char* name : {"RelayName", "postfix_relay_hostname"}) add(name, "relay_host");
  for (const char* name : {"RelayIP", "postfix_relay_ip"}) add(name, "relay_ip");
  add("Dsn", "dsn");
  add("dsn", "dsn");
  add("delay_in_sec", "seconds");
  add("time", "unix");
  add("host", "host");
  if (expect.contains("relay_to")) wanted["relay_ip"] = text_of(expect["relay_to"]["ip"]);
  if (expect.contains("Process")) wanted["instance"] = text_of(expect["Process"]);
}

/// What the set says of a line.
Fields wanted_of(const json& row, const std::string& tag) {
  Fields wanted;
  const json& derived = row.at("derived");
  wanted["at"] = "none";
  if (const json header = derived.value("header", json()); header.is_object()) {
    wanted["host"] = text_of(header.value("host", json()));
    wanted["tag"] = text_of(header.value("tag", json()));
    const std::string stamp = text_of(header["ts"]);
    wanted["at"] =
        is_iso(row)
            ? format_time(parse_time(stamp.substr(0, 19) + stamp.substr(stamp.find_first_of("+Z"))).value())
            : with_one_blank(stamp);
  }
  wanted["kind"] = text_of(derived["kind"]);
  for (const char* name :
       {"qid", "to", "orig_to", "relay", "dsn", "text", "delay", "mailer", "stat", "status"}) {
    if (derived.contains(name) && !derived[name].is_null())
      wanted[name] = without_line_end(text_of(derived[name]));
  }
  if (derived.contains("from_")) wanted["from"] = without_brackets(text_of(derived["from_"]));
  if (wanted["kind"] == "delivery") wanted["event"] = outcome_of(derived, tag);
  if (wanted["kind"] == "notification") {
    wanted.erase("text");
    const auto notice = text_of(derived.value("nqid", json()));
    if (text_of(derived.value("text", json())).starts_with("Cannot send message")) {
      wanted["kind"] = "expired";
      wanted["notice"] = notice;
      wanted.erase("qid");
    } else if (text_of(derived["mta"]) == "postfix") {
      wanted.erase("qid");  // there the notice has lines of its own
    } else {
      wanted["qid"] = notice;
      wanted["from"] = "";
    }
  }
  add_stated(row.at("expect"), wanted);
  return wanted;
}

std::string kind_of(EventKind kind) {
  switch (kind) {
    case EventKind::entered:
      return "entered";
    case EventKind::sender:
      return "from";
    case EventKind::attempt:
      return "delivery";
    case EventKind::expired:
    case EventKind::force_expired:
      return "expired";
    case EventKind::removed:
      return "removed";
  }
  return {};
}

/// The fields of a delivery line, of services that teach nothing too.
void add_delivery(const std::string& mta, std::string_view message, Fields& got) {
  const std::size_t colon = message.find(": ");
  if (colon == std::string_view::npos) return;
  const std::string_view fields = message.substr(colon + 2);
  got["kind"] = "delivery";
  got["qid"] = message.substr(0, colon);
  if (mta == "sendmail") {
    const auto line = read_sendmail_delivery(fields);
    if (!line) return;
    Recipients recipients;
    split_recipients(line->to, recipients);
    for (const std::string_view recipient : recipients)
      got["to"].append(got["to"].empty() ? "" : " ").append(recipient);
    for (const auto& [name, value] : {std::pair{"relay", line->relay},
                                      {"dsn", line->dsn},
                                      {"delay", line->delay},
                                      {"mailer", line->mailer},
                                      {"stat", line->stat}}) {
      got[name] = value;
    }
  } else if (const auto line = read_postfix_delivery(fields)) {
    for (const auto& [name, value] : {std::pair{"relay", line->relay},
                                      {"dsn", line->dsn},
                                      {"delay", line->delay},
                                      {"to", line->to},
                                      {"orig_to", line->orig_to},
                                      {"status", line->status},
                                      {"text", line->text}}) {
      got[name] = value;
    }
  }
}

void add(const MessageEntered& entered, Fields& got) {
  // Sendmail's one `from=` line begins the message and names its sender.
  if (!entered.sender)
    got["kind"] = "other";
  else if (got["kind"] != "notification")
    got["kind"] = "from";
  if (entered.sender) got["from"] = *entered.sender;
}

void add(const SenderNamed& named, Fields& got) {
  got["from"] = named.sender;
}

void add(const Attempt& attempt, Fields& got) {
  constexpr const char* kStatuses[] = {"sent", "deferred", "bounced"};
  got["event"] = kStatuses[static_cast<std::size_t>(attempt.status)];
  got["relay"] = attempt.relay.text;
  got["relay_host"] = attempt.relay.host;
  got["relay_ip"] = attempt.relay.ip;
  if (attempt.delay) got["seconds"] = std::to_string(attempt.delay->count());
  got["to"].clear();
  for (const std::string_view recipient : attempt.recipients)
    got["to"].append(got["to"].empty() ? "" : " ").append(recipient);
}

void add(const MessageExpired& expired, Fields& got) {
  if (expired.sender) got["from"] = *expired.sender;
  got["notice"] = expired.notice_id;
  got["status"] = "expired";
}

void add(const MessageForceExpired& expired, Fields& got) {
  if (expired.sender) got["from"] = *expired.sender;
  got["status"] = "force-expired";
}

void add(const MessageRemoved&, Fields&) {}

void add_event(const Reading& reading, Fields& got) {
  got["event"] = reading.understood() == Understood::not_understood ? "not understood" : "nothing";
  if (!reading) return;
  got["instance"] = reading->key.instance;
  got["qid"] = reading->key.queue_id;
  got["notice"];
  if (reading->kind() != EventKind::entered) got["kind"] = kind_of(reading->kind());
  std::visit([&](const auto& what) { add(what, got); }, reading->what);
}

/// What we say of a line, in the same words.
Fields got_of(const json& row, const std::string& tag, LogLineReader& reader) {
  Fields got;
  const auto line = row.at("line").get<std::string>();
  std::optional<LogEntry> entry = reader.read(line);
  got["at"] = "none";
  if (entry) {
    got["at"] = is_iso(row) ? format_time(entry->at) : as_rfc3164(entry->at);
    got["unix"] =
        std::to_string(to_unix(entry->at) - 9 * 3600);  // The one set that states it was written in Japan.
    got["host"] = entry->host;
    got["tag"] = entry->tag;
  } else {
    entry = parse_bare_line(line);
    if (!entry) entry = LogEntry{{}, {}, {}, line};
    entry->tag = tag;
  }
  got["kind"] = "other";
  const std::string kind = text_of(row.at("derived")["kind"]);
  if (kind == "delivery") add_delivery(text_of(row.at("derived")["mta"]), entry->message, got);
  if (kind == "notification") got["kind"] = kind;
  add_event(parse_entry(*entry), got);
  return got;
}

/// `set line field` of known_disagreements.txt.
std::set<std::string> known_disagreements() {
  std::ifstream file(fs::path(SUPPRESSD_SOURCE_DIR) / "tests/golden/mta/known_disagreements.txt");
  std::set<std::string> known;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string set, number, field;
    if (words >> set >> number >> field && !set.starts_with('#'))
      known.insert(set + ' ' + number + ' ' + field);
  }
  return known;
}

class CorporaLog : public testing::TestWithParam<const char*> {};

TEST_P(CorporaLog, FieldsAreThoseOfTheReference) {
  const std::string set = GetParam();
  const fs::path path = corpora() / set / "lines.jsonl";
  if (!fs::exists(path))
    GTEST_SKIP() << "no test set at " << path << "; SUPPRESSD_CORPORA names the folder of sets";

  std::set<std::string> known = known_disagreements();
  std::map<std::string, std::pair<int, int>> table;  // By field: right, wrong.
  std::map<std::string, int> outcomes;
  std::ifstream file(path);
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    const json row = json::parse(text);
    // Each line is a stream of its own: sets are collections, not logs. 2016 is the year of the one set that
    // states its times.
    auto clock = LineClock::make("UTC", parse_time("2016-12-31").value(), std::nullopt);
    LogLineReader reader(std::move(clock.value()));
    const json header = row.at("derived").value("header", json());
    const std::string tag =
        header.is_object() ? text_of(header.value("tag", json())) : program_of(row.at("expect"));
    const Fields wanted = wanted_of(row, tag);
    Fields got = got_of(row, tag, reader);
    if (wanted.contains("event")) ++outcomes[got["event"]];
    for (const auto& [field, value] : wanted) {
      const bool right = got[field] == value;
      ++(right ? table[field].first : table[field].second);
      const std::string place = set + ' ' + std::to_string(number) + ' ' + field;
      if (right || known.erase(place) > 0) continue;
      ADD_FAILURE() << place << "\n  wanted " << value << "\n  got    " << got[field];
    }
    const bool stated_no_delivery = row.at("expect").value("delivery", true) == false;
    EXPECT_FALSE(stated_no_delivery && got["kind"] == "delivery")
        << set << ' ' << number << " is no delivery";
  }
  for (const std::string& place : known) {
    EXPECT_FALSE(place.starts_with(set + ' ')) << "listed as a known disagreement, but agrees: " << place;
  }
  std::printf("%-18s %5d lines\n", set.c_str(), number);
  for (const auto& [field, counts] : table)
    std::printf("  %-12s %5d right %3d wrong\n", field.c_str(), counts.first, counts.second);
  for (const auto& [outcome, count] : outcomes)
    std::printf("  deliveries read as %-14s %5d\n", outcome.c_str(), count);
}

INSTANTIATE_TEST_SUITE_P(Mta, CorporaLog,
                         testing::Values("lightmeter_logs", "lightmeter_parser", "grok_postfix",
                                         "sekoia_postfix", "aso_rules", "logwatch_td", "exporter_lines",
                                         "parse_syslog_mail", "fluent_sendmail", "zentyal_mail",
                                         "fail2ban_lines"),
                         [](const auto& suite) { return std::string(suite.param); });

}  // namespace
}  // namespace suppressd
