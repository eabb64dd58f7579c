#include "log_files.h"

#include <algorithm>

#include "suppressd/mta/log_line.h"

#include "line_reader.h"

namespace suppressd::ctl {
namespace {

constexpr int kLinesLookedAt = 10000;

struct LogFile {
  std::string path;
  Time begins;
};

Error not_a_log(const std::string& path) {
  return Error{path +
               " does not look like a mail log: it has NUL bytes and no log line (to learn from a journal: " +
               "journalctl -o json -u 'postfix*' | suppressctl replay -)"};
}

/// Time::max() for a file without a single entry; an Error for a binary one.
Result<Time> first_time_in(const std::string& path, const std::string& zone) {
  auto bytes = ByteStream::open(path);
  if (!bytes) return bytes.error();
  auto clock = LineClock::make(zone, bytes->modified(), std::nullopt);
  if (!clock) return clock.error();
  LogLineReader entries(std::move(*clock));
  LineReader lines(std::move(*bytes));
  bool binary = false;
  for (int number = 0; number < kLinesLookedAt; ++number) {
    const auto line = lines.next();
    if (!line) return line.error();
    if (!*line) break;
    if (const auto entry = entries.read(**line)) return entry->at;
    binary = binary || (*line)->find('\0') != std::string_view::npos;
  }
  if (binary) return not_a_log(path);
  return Time::max();
}

}  // namespace

Result<std::vector<std::string>> in_order_of_first_entry(const std::vector<std::string>& files,
                                                         const std::string& zone) {
  if (files.size() == 1 && files.front() == "-") return files;
  std::vector<LogFile> logs;
  for (const auto& path : files) {
    if (path == "-") return Error{"`-` (standard input) cannot be combined with files: replay it by itself"};
    const auto begins = first_time_in(path, zone);
    if (!begins) return begins.error();
    logs.push_back({path, *begins});
  }
  std::ranges::stable_sort(logs, {}, &LogFile::begins);
  std::vector<std::string> ordered;
  ordered.reserve(logs.size());
  for (auto& log : logs) ordered.push_back(std::move(log.path));
  return ordered;
}

}  // namespace suppressd::ctl
