#include "journal_entry.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace suppressd {
namespace {

/// SD_MESSAGE_JOURNAL_DROPPED.
constexpr std::string_view kDroppedId = "a596d6fe7bfa4994828e72309e95d61e";
constexpr std::size_t kKnownUnits = 4096;

}  // namespace

std::optional<std::string_view> journal_field(sd_journal* journal, const char* name) {
  const void* data = nullptr;
  std::size_t length = 0;
  if (sd_journal_get_data(journal, name, &data, &length) < 0) return std::nullopt;
  std::string_view field(static_cast<const char*>(data), length);
  field.remove_prefix(std::min(field.size(), std::strlen(name) + 1));
  return field;
}

Time journal_time(sd_journal* journal) {
  std::uint64_t microseconds = 0;
  sd_journal_get_realtime_usec(journal, &microseconds);
  return from_unix(static_cast<std::int64_t>(microseconds / 1'000'000));
}

std::string journal_cursor(sd_journal* journal) {
  char* text = nullptr;
  if (sd_journal_get_cursor(journal, &text) < 0) return {};
  std::string cursor = text;
  std::free(text);
  return cursor;
}

bool UnitFilter::matches(std::string_view unit) {
  if (const auto known = known_.find(unit); known != known_.end()) return known->second;
  const std::string name(unit);
  const bool ours = std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  });
  if (known_.size() >= kKnownUnits) known_.clear();
  known_.emplace(name, ours);
  return ours;
}

bool UnitFilter::believes(sd_journal* journal) {
  if (const auto unit = journal_field(journal, "_SYSTEMD_UNIT"); unit && matches(*unit)) return true;
  return journal_field(journal, "_COMM") == "postsuper" && journal_field(journal, "_UID") == "0";
}

bool UnitFilter::dropped(sd_journal* journal) {
  if (journal_field(journal, "MESSAGE_ID") != kDroppedId || journal_field(journal, "_TRANSPORT") != "driver")
    return false;
  // `Suppressed 1027 messages from /system.slice/postfix.service`; a notice of another form may
  // mean any unit.
  std::string_view message = journal_field(journal, "MESSAGE").value_or("");
  const std::size_t from = message.rfind(" from ");
  if (from == std::string_view::npos) return true;
  message.remove_prefix(from + 6);
  if (!message.ends_with(".service")) return !message.ends_with(".scope") && !message.ends_with(".slice");
  return matches(message.substr(message.rfind('/') + 1));
}

}  // namespace suppressd
