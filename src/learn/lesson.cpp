#include "suppressd/learn/lesson.h"

#include "suppressd/core/packed_words.h"

namespace suppressd {
namespace {

/// Every field of an outcome, for those who pack and unpack it.
template <typename SomeOutcome, typename Visit>
void each_field(SomeOutcome& outcome, Visit&& visit) {
  auto& evidence = outcome.evidence;
  visit(outcome.kind, outcome.action, outcome.weak, outcome.message, evidence.id, evidence.address,
        evidence.at, Word{evidence.what}, Word{evidence.origin}, Word{evidence.host}, Word{evidence.instance},
        evidence.queue_id, evidence.entered, evidence.sender, evidence.first_failed, evidence.attempts,
        Word{evidence.ended_by}, Word{evidence.category}, Word{evidence.action}, evidence.weak,
        Word{evidence.rule}, evidence.code, Word{evidence.status}, Word{evidence.stage},
        Word{evidence.provider}, Word{evidence.relay}, evidence.text);
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
  words_.clear();
  steps_ = 0;
  last_ = {};
}

void Lesson::add_attempt(Time at, std::string_view provider) {
  constexpr std::size_t kLongest = 255;  // of a domain, RFC 1035 section 2.3.4; a log may say anything
  provider = provider.substr(0, kLongest);
  WordPacker{bytes_, words_}(Kind::attempt, at - last_, Word{provider});
  last_ = at;
  ++steps_;
}

void Lesson::add_sweep(Time at) {
  Packer{bytes_}(Kind::sweep, at - last_);
  last_ = at;
  ++steps_;
}

void Lesson::add(const Outcome& outcome) {
  WordPacker pack(bytes_, words_);
  pack(Kind::outcome);
  each_field(outcome, pack);
  ++steps_;
}

bool Lesson::Reader::next() {
  if (left_ == 0) return false;
  --left_;
  WordUnpacker unpack(unpacker_, lesson_.words_);
  unpack(kind_);
  if (kind_ == Kind::outcome) {
    each_field(outcome_, unpack);
    return true;
  }
  Duration later{};
  unpack(later);
  at_ += later;
  if (kind_ == Kind::attempt) unpack(Word{provider_});
  return true;
}

}  // namespace suppressd
