// bench_lookup --database=FILE --entries=N --log=FILE [--benchmark_...]: what the daemon does for each
// recipient and for each log line.
//
// find: the look-up in the database alone. verdict: what the milter's callback does at RCPT, from the address
// as the MTA gives it to the reply's text, with the filter of who is on no list. Both draw from the list that
// bench_fill made. `p50` and `p99` are of single calls, the clock's own time (`clock`) taken off. parse: a
// line of the log to an event. classify: a reply of the log to a category.
#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "suppressd/config/rules_file.h"
#include "suppressd/core/provider.h"
#include "suppressd/milter/gatekeeper.h"
#include "suppressd/mta/dialect.h"
#include "suppressd/mta/log_line.h"
#include "suppressd/store/absence_filter.h"
#include "suppressd/store/verdict_reader.h"

#include "entries.h"

namespace {

using namespace suppressd;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kLines = 200000;
const std::string kSender = "bounce@news.shop.example";
constexpr std::chrono::seconds kToMakeFilter{300};  // of a list that nobody writes to

std::string database_path;
std::string log_path;
std::uint64_t entries = 0;

Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

double nanoseconds(Steady::duration span) {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(span).count());
}

double clock_cost() {
  std::array<double, 1001> spans{};
  for (double& span : spans) {
    const auto begun = Steady::now();
    span = nanoseconds(Steady::now() - begun);
  }
  std::nth_element(spans.begin(), spans.begin() + spans.size() / 2, spans.end());
  return spans[spans.size() / 2];
}

// Calls `ask` with addresses that are drawn before each call's own time begins.
void time_calls(benchmark::State& state, bool hits, const std::function<bool(const std::string&)>& ask) {
  std::mt19937_64 random(entries + hits);
  std::vector<double> spans;
  for (auto _ : state) {
    const auto number = random() % entries;
    const std::string address = hits ? bench::entry(number) : bench::absent(number);
    const auto begun = Steady::now();
    const bool suppressed = ask(address);
    const auto span = Steady::now() - begun;
    state.SetIterationTime(nanoseconds(span) / 1e9);
    spans.push_back(nanoseconds(span));
    if (suppressed != hits) {
      state.SkipWithError((address + (hits ? " was not found" : " was found")).c_str());
      return;
    }
  }
  const double clock = clock_cost();
  std::sort(spans.begin(), spans.end());
  const auto at = [&](double share) {
    return spans[static_cast<std::size_t>(static_cast<double>(spans.size() - 1) * share)] - clock;
  };
  state.counters["p50_ns"] = at(0.50);
  state.counters["p99_ns"] = at(0.99);
  state.counters["clock_ns"] = clock;
}

void find(benchmark::State& state, bool hits) {
  VerdictReader reader(database_path);
  time_calls(state, hits, [&](const std::string& address) {
    const LookupResult found = reader.find(CoveringKeys{address, {}}, kSender, now());
    if (found.answer == LookupResult::Answer::error) state.SkipWithError(found.error.c_str());
    return found.answer == LookupResult::Answer::suppressed;
  });
}

// Made once: Google Benchmark calls a benchmark several times, and of 50 million entries it takes half a
// minute.
AbsenceFilter& ready_filter() {
  static const auto gate = std::make_shared<DatabaseGate>(database_path);
  static VerdictReader reader(gate);
  static AbsenceFilter absences(reader, gate);
  for (auto end = Steady::now() + kToMakeFilter; !absences.ready() && Steady::now() < end;)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return absences;
}

void verdict(benchmark::State& state, bool hits) {
  AbsenceFilter& absences = ready_filter();
  if (!absences.ready()) {
    state.SkipWithError("the filter was not ready in time");
    return;
  }
  const auto gatekeeper = Gatekeeper::make({}, absences);
  const Envelope envelope{.sender = "news@sender.example",
                          .null_sender = false,
                          .sasl_user = {},
                          .client_ip = "127.0.0.1",
                          .queue_id = "4XyZ12345"};
  time_calls(state, hits, [&](const std::string& address) {
    const Ruling ruling = (*gatekeeper)->rule(envelope, address, now());
    if (!ruling.error.empty()) state.SkipWithError(ruling.error.c_str());
    return ruling.kind == Ruling::Kind::refuse;
  });
}

const std::vector<std::string>& lines() {
  static const std::vector<std::string> read = [] {
    std::vector<std::string> text;
    std::ifstream file(log_path);
    for (std::string line; text.size() < kLines && std::getline(file, line);) text.push_back(line);
    return text;
  }();
  return read;
}

LineClock line_clock() {
  return *LineClock::make("UTC", now(), std::nullopt);
}

void parse(benchmark::State& state) {
  LogLineReader reader(line_clock());
  std::size_t at = 0;
  if (lines().empty()) state.SkipWithError("the log is empty");
  for (auto _ : state) {
    const auto entry = reader.read(lines()[at]);
    benchmark::DoNotOptimize(entry ? parse_entry(*entry) : Reading(Understood::teaches_nothing));
    at = at + 1 < lines().size() ? at + 1 : 0;
  }
  state.SetItemsProcessed(state.iterations());
}

void classify(benchmark::State& state) {
  const auto rules = load_rules({}, ActionTable{});
  std::vector<Failure> failures;
  std::vector<std::string> providers;
  LogLineReader reader(line_clock());
  for (const std::string& line : lines()) {
    const auto entry = reader.read(line);
    if (!entry) continue;
    const Reading reading = parse_entry(*entry);
    if (!reading || reading->kind() != EventKind::attempt) continue;
    const Attempt& attempt = reading->attempt();
    if (attempt.status == AttemptStatus::sent) continue;
    providers.push_back(registrable_domain(attempt.relay.host));
    failures.push_back({.reply = attempt.reply,
                        .logged_status = attempt.logged_status,
                        .provider = {},
                        .temporary = attempt.status == AttemptStatus::deferred});
  }
  for (std::size_t i = 0; i < failures.size(); ++i) failures[i].provider = providers[i];
  std::size_t at = 0;
  if (failures.empty()) state.SkipWithError("the log has no failures");
  for (auto _ : state) {
    benchmark::DoNotOptimize(rules->classify(failures[at]));
    at = at + 1 < failures.size() ? at + 1 : 0;
  }
  state.SetItemsProcessed(state.iterations());
}

bool take(std::string_view argument, std::string_view name, std::string& value) {
  if (!argument.starts_with(name)) return false;
  value = argument.substr(name.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::string count;
  for (int i = 1; i < argc; ++i) {
    if (take(argv[i], "--database=", database_path) || take(argv[i], "--log=", log_path) ||
        take(argv[i], "--entries=", count))
      continue;
    std::cerr << "bench_lookup: what is " << argv[i] << "?\n";
    return 2;
  }
  if (!count.empty()) entries = std::stoull(count);
  if (!database_path.empty() && entries > 0) {
    for (const bool hits : {true, false}) {
      const std::string kind = hits ? "hit" : "miss";
      benchmark::RegisterBenchmark(("find/" + kind).c_str(), find, hits)->UseManualTime();
      benchmark::RegisterBenchmark(("verdict/" + kind).c_str(), verdict, hits)->UseManualTime();
    }
  }
  if (!log_path.empty()) {
    benchmark::RegisterBenchmark("parse", parse);
    benchmark::RegisterBenchmark("classify", classify);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
