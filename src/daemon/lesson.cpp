#include "suppressd/daemon/lesson.h"

#include <concepts>
#include <cstring>
#include <optional>
#include <type_traits>

namespace suppressd {
namespace {

/// Every field of an outcome, for those who write and read it.
template <typename SomeOutcome, typename Visit>
void each_field(SomeOutcome& outcome, Visit&& visit) {
  auto& evidence = outcome.evidence;
  visit(outcome.kind, outcome.action, outcome.weak, outcome.message, evidence.id, evidence.address, evidence.at, evidence.what,
        evidence.origin, evidence.host, evidence.instance, evidence.queue_id, evidence.entered, evidence.sender, evidence.first_failed,
        evidence.attempts, evidence.ended_by, evidence.category, evidence.action, evidence.weak, evidence.rule, evidence.code,
        evidence.status, evidence.stage, evidence.operator_domain, evidence.relay, evidence.text);
}

template <typename Plain>
void write(std::string& bytes, const Plain& value) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes.append(raw, sizeof value);
}

void write(std::string& bytes, const std::string& text) {
  write(bytes, static_cast<std::uint32_t>(text.size()));
  bytes.append(text);
}

template <typename Plain>
void read(const char*& bytes, Plain& value) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  std::memcpy(&value, bytes, sizeof value);
  bytes += sizeof value;
}

void read(const char*& bytes, std::string& text) {
  std::uint32_t size = 0;
  read(bytes, size);
  text.assign(bytes, size);
  bytes += size;
}

}  // namespace

void Lesson::clear() {
  steps.clear();
  gaps.clear();
  records = 0;
  attempts = 0;
  deliveries = 0;
  lines = {};
  samples.clear();
  bytes_.clear();
}

void Lesson::add_attempt(Time at, std::string_view operator_domain) {
  constexpr std::size_t kLongest = 255;  // of a domain, RFC 1035 section 2.3.4; a log may say anything
  operator_domain = operator_domain.substr(0, kLongest);
  steps.push_back({at, static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint16_t>(operator_domain.size()), Kind::attempt});
  bytes_.append(operator_domain);
}

void Lesson::add_sweep(Time at) {
  steps.push_back({.at = at, .kind = Kind::sweep});
}

void Lesson::add(const Outcome& outcome) {
  steps.push_back({outcome.evidence.at, static_cast<std::uint32_t>(bytes_.size()), 0, Kind::outcome});
  each_field(outcome, [this](const auto&... field) { (write(bytes_, field), ...); });
}

Outcome Lesson::outcome(const Step& step) const {
  Outcome outcome;
  const char* place = bytes_.data() + step.place;
  each_field(outcome, [&](auto&... field) { (read(place, field), ...); });
  return outcome;
}

std::size_t Lesson::size() const {
  return sizeof *this + steps.capacity() * sizeof(Step) + bytes_.capacity();
}

}  // namespace suppressd
