#include "health.h"

#include <algorithm>
#include <chrono>

namespace suppressd {
namespace {

std::string since(const Trouble& trouble) {
  return " since " + format_time(trouble.since) + " (" + trouble.why + ")";
}

}  // namespace

LookupResult WatchedLookup::find(const CoveringKeys& keys, Time now) {
  LookupResult result = lookup_.find(keys, now);
  if (result.answer == LookupResult::Answer::error)
    failed(result.error, now);
  else
    succeeded();
  return result;
}

Result<bool> WatchedLookup::exempt(const CoveringKeys& keys) {
  Result<bool> result = lookup_.exempt(keys);
  if (!result) failed(result.error().message, wall_clock());
  return result;
}

void WatchedLookup::succeeded() {
  if (!failing_.load(std::memory_order_relaxed)) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  failing_ = false;
  trouble_.reset();
}

void WatchedLookup::failed(const std::string& why, Time now) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  failing_ = true;
  trouble_ = Trouble{trouble_ ? trouble_->since : now, why};
}

std::optional<Trouble> WatchedLookup::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool Health::well() const {
  return !look_ups && !learning &&
         std::none_of(logs.begin(), logs.end(), [](const Log& log) { return log.trouble.has_value(); });
}

std::string Health::line() const {
  std::string text = look_ups ? "look-ups failing" + since(*look_ups) : "look-ups ok";
  if (learning) return text + "; not learning" + since(*learning);
  for (const Log& log : logs)
    text +=
        log.trouble ? "; not learning from " + log.name + since(*log.trouble) : "; learning from " + log.name;
  return text;
}

std::string Health::kind() const {
  std::string kind{look_ups ? '-' : '+', learning ? '-' : '+'};
  for (const Log& log : logs) kind += (log.trouble ? '-' : '+') + log.name;
  return kind;
}

}  // namespace suppressd
