#include "suppressd/core/trace.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "suppressd/base/ascii.h"
#include "suppressd/base/seal.h"
#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::size_t kDigestLength = 8;  // Characters: 48 bits of the keyed digest.
constexpr std::size_t kDigestsALine = 9;
constexpr std::size_t kKeyIdLength = 6;
constexpr Duration kClockSkew = std::chrono::hours(24);
constexpr std::size_t kLongestValue = 64 + kTracedRecipients * (kDigestLength + 1) + 4096;

std::string header_key(const TraceKey& key) {
  return derive_key(key.secret, "suppressd trace header");
}
std::string recipient_key(const TraceKey& key, std::string_view queue_id, Time at) {
  return derive_key(key.secret,
                    "suppressd trace recipient " + std::string(queue_id) + " " + std::to_string(to_unix(at)));
}
std::string sealing_key(const TraceKey& key) {
  return derive_key(key.secret, "suppressd trace seal");
}

std::string digest_of(std::string_view key, std::string_view address) {
  return base64url(keyed_digest(key, address)).substr(0, kDigestLength);
}

/// Whatever folded the header on its way only added blanks.
std::string without_blanks(std::string_view text) {
  std::string bare;
  bare.reserve(text.size());
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') bare += c;
  return bare;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// Value of the tag in `a=1;b=2;`; empty if it is missing.
std::string_view tag(std::string_view text, char name) {
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto field = text.substr(0, end);
    if (field.size() >= 2 && field[0] == name && field[1] == '=') return field.substr(2);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

bool is_key_id(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || is_letter(c); });
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  while (!(line = trim(line)).empty()) {
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    found.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return found;
}

}  // namespace

bool Trace::names(std::string_view address) const {
  const auto wanted = digest_of(recipient_key_, address);
  for (std::size_t i = 0; i + kDigestLength <= digests_.size(); i += kDigestLength)
    if (std::string_view(digests_).substr(i, kDigestLength) == wanted) return true;
  return false;
}

Result<TraceKeys> TraceKeys::parse(std::string_view text, const std::string& name) {
  TraceKeys result;
  std::set<std::string_view> ids;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = words(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0].starts_with('#')) continue;
    const auto where = name + ":" + std::to_string(number) + ": ";
    if (line.size() != 3)
      return Error{where + "a key has three words: its name, since when it signs, and its secret"};
    if (!is_key_id(line[0])) return Error{where + "the name of a key has letters and digits only"};
    if (!ids.insert(line[0]).second)
      return Error{where + "there is a key " + std::string(line[0]) + " already"};
    const auto since = parse_time(line[1]);
    if (!since) return Error{where + since.error().message};
    auto secret = from_base64url(line[2]);
    if (!secret || secret->size() != kSecretBytes)
      return Error{where +
                   "the secret is not 32 bytes in base64url; make a key with `suppressctl trace-key rotate`"};
    result.keys_.push_back({std::string(line[0]), *since, std::move(*secret)});
  }
  std::ranges::stable_sort(result.keys_, {}, &TraceKey::since);
  return result;
}

std::string TraceKeys::text() const {
  std::string text =
      "# The keys of suppressd's trace header, one a line: name, since when it signs, secret. The newest "
      "signs.\n"
      "# Keep them secret: who has one can prove bounces that never were. Hosts that receive each other's "
      "bounces share them.\n";
  for (const auto& key : keys_)
    text += key.id + " " + format_time(key.since) + " " + base64url(key.secret) + "\n";
  return text;
}

void TraceKeys::add(std::string_view random, Time now) {
  TraceKey key;
  key.secret = random;
  key.since = keys_.empty() ? now : std::max(now, keys_.back().since);
  // Of the secret's digest, so that two hosts' keys differ in name, too.
  for (const char c : base64url(keyed_digest(random, "name")))
    if (key.id.size() < kKeyIdLength && c != '-' && c != '_') key.id += c;
  keys_.push_back(std::move(key));
}

void TraceKeys::expire(Time now, Duration life) {
  for (std::size_t i = 0; i + 1 < keys_.size();) {
    if (end_of(keys_[i + 1].since, life).value_or(Time::max()) < now) {
      keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

std::string TraceKeys::sign(const TracedMessage& message) const {
  const auto& key = keys_.back();
  const auto at = std::to_string(to_unix(message.at));
  std::string value = "v=1; k=" + key.id + "; q=" + std::string(message.queue_id) + "; t=" + at +
                      ";\n\ts=" + base64url(message.sender) +
                      "; n=" + std::to_string(message.recipients.size()) + ";\n\tr=";
  const auto digests_key = recipient_key(key, message.queue_id, message.at);
  std::size_t traced = 0;
  for (const auto* names : {&message.recipients, &message.other_names}) {
    for (auto name = names->begin(); name != names->end() && traced < kTracedRecipients; ++name, ++traced) {
      if (traced > 0 && traced % kDigestsALine == 0) value += "\n\t ";
      value += digest_of(digests_key, *name);
    }
  }
  value += ';';
  if (message.recipients.size() == 1) {
    value +=
        "\n\te=" +
        base64url(seal(sealing_key(key), std::string(message.queue_id) + " " + at, message.recipients[0])) +
        ";";
  }
  const auto signature = base64url(keyed_digest(header_key(key), without_blanks(value)));
  return value + "\n\th=" + signature;
}

Result<Trace> TraceKeys::verify(std::string_view value, Time now, Duration life) const {
  if (value.size() > kLongestValue) return Error{"the trace is too long"};
  const auto bare = without_blanks(value);
  const auto mark = bare.rfind(";h=");
  if (mark == std::string::npos) return Error{"the trace is not signed"};
  const auto is_signed = std::string_view(bare).substr(0, mark + 1);
  const auto id = tag(is_signed, 'k');
  const auto key = std::ranges::find(keys_, id, &TraceKey::id);
  if (key == keys_.end()) return Error{"the trace's key is not known here (any more)"};
  const auto signature = from_base64url(std::string_view(bare).substr(mark + 3));
  if (!signature || !same_digest(*signature, keyed_digest(header_key(*key), is_signed)))
    return Error{"the trace's signature is wrong"};

  const auto at = number(tag(is_signed, 't'));
  const auto count = number(tag(is_signed, 'n'));
  const auto sender = from_base64url(tag(is_signed, 's'));
  if (tag(is_signed, 'v') != "1" || !at || !count || !sender)
    return Error{"the trace is of a version that is not known here"};
  Trace trace;
  trace.queue_id = tag(is_signed, 'q');
  trace.at = from_unix(*at);
  trace.sender = *sender;
  trace.count = static_cast<std::size_t>(*count);
  if (trace.at > now + kClockSkew) return Error{"the trace is of the future"};
  if (end_of(trace.at, life).value_or(Time::max()) < now) return Error{"the trace is too old"};
  const auto next = std::next(key);
  if (next != keys_.end() && end_of(next->since, life).value_or(Time::max()) < now)
    return Error{"the trace's key has had its time"};
  trace.digests_ = tag(is_signed, 'r');
  trace.recipient_key_ = recipient_key(*key, trace.queue_id, trace.at);
  if (trace.count == 1) {
    if (const auto sealed = from_base64url(tag(is_signed, 'e')))
      trace.sole_recipient = unseal(sealing_key(*key), *sealed);
    if (trace.sole_recipient && !trace.names(*trace.sole_recipient)) trace.sole_recipient.reset();
  }
  return trace;
}

}  // namespace suppressd
