#include "suppressd/daemon/lesson.h"

namespace suppressd {
namespace {

/// Every field of an outcome, for those who pack and unpack it.
template <typename SomeOutcome, typename Visit>
void each_field(SomeOutcome& outcome, Visit&& visit) {
  auto& evidence = outcome.evidence;
  visit(outcome.kind, outcome.action, outcome.weak, outcome.message, evidence.id, evidence.address, evidence.at, evidence.what,
        evidence.origin, evidence.host, evidence.instance, evidence.queue_id, evidence.entered, evidence.sender, evidence.first_failed,
        evidence.attempts, evidence.ended_by, evidence.category, evidence.action, evidence.weak, evidence.rule, evidence.code,
        evidence.status, evidence.stage, evidence.operator_domain, evidence.relay, evidence.text);
}

}  // namespace

void Lesson::clear() {
  gaps.clear();
  records = 0;
  attempts = 0;
  deliveries = 0;
  lines = {};
  samples.clear();
  bytes_.clear();
  steps_ = 0;
  last_ = {};
}

void Lesson::add_attempt(Time at, std::string_view operator_domain) {
  constexpr std::size_t kLongest = 255;  // of a domain, RFC 1035 section 2.3.4; a log may say anything
  Packer{bytes_}(Kind::attempt, (at - last_).count(), operator_domain.substr(0, kLongest));
  last_ = at;
  ++steps_;
}

void Lesson::add_sweep(Time at) {
  Packer{bytes_}(Kind::sweep, (at - last_).count());
  last_ = at;
  ++steps_;
}

void Lesson::add(const Outcome& outcome) {
  Packer packer(bytes_);
  packer(Kind::outcome);
  each_field(outcome, packer);
  ++steps_;
}

bool Lesson::Reader::next() {
  if (left_ == 0) return false;
  --left_;
  unpacker_(kind_);
  if (kind_ == Kind::outcome) {
    each_field(outcome_, unpacker_);
    return true;
  }
  std::int64_t later = 0;
  unpacker_(later);
  at_ += Duration(later);
  if (kind_ == Kind::attempt) unpacker_(operator_domain_);
  return true;
}

}  // namespace suppressd
