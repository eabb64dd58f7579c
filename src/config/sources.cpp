#include "suppressd/config/sources.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "suppressd/mta/log_line.h"
#include "suppressd/source/file_follower.h"
#include "suppressd/source/journal_follower.h"
#include "suppressd/source/rate_limit.h"
#include "suppressd/source/rotated_files.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

constexpr auto kFresh = std::chrono::hours(24 * 7);  // a log that was not written to for longer is left over

constexpr const char* kForgeable = "any local user can write to it with logger(1)";

bool is_fresh(Time newest) {
  return newest + kFresh > std::chrono::system_clock::now();
}

MakeLineTimes line_times(const std::string& zone_name) {
  return [zone_name](Time reference) -> LineTimes {
    auto clock = LineClock::make(zone_name, reference, std::nullopt);
    if (!clock) return [](std::string_view) { return std::nullopt; };
    auto reader = std::make_shared<LogLineReader>(std::move(*clock));
    return [reader](std::string_view line) -> std::optional<Time> {
      const auto entry = reader->read(line);
      return entry ? std::optional(entry->at) : std::nullopt;
    };
  };
}

/// Makes the choice for one configuration, once.
class Choice {
 public:
  Choice(const Config& config, CursorBook& book, const LogPlaces& places)
      : config_(config), book_(book), places_(places) {}

  Result<Logs> make() {
    if (auto chosen = choose(); !chosen) return chosen.error();
    if (logs_.sources.empty()) {
      return Error{
          "there is no mail log to learn from: no journal, and no /var/log/mail.log or /var/log/maillog; "
          "name the file that your MTA logs to in source.files"};
    }
    if (auto found = find_before(); !found) return found.error();
    if (follows_system_journal_) warn_of_rate_limits();
    return std::move(logs_);
  }

 private:
  Status choose() {
    for (const auto& path : config_.source_files) follow_file(path);
    const auto& journal = config_.source_journal;
    if (journal.starts_with('/')) follow_journal(journal);
    if (journal == "yes") follow_journal({});
    if (journal == "auto" && logs_.sources.empty()) return choose_by_itself();
    return {};
  }

  Status choose_by_itself() {
    const auto followed = book_.newest_followed();
    if (!followed) return followed.error();
    read_journal();
    if (*followed && is_usual((*followed)->source) && is_there((*followed)->source)) {
      const auto& source = (*followed)->source;
      if (is_journal(source) || speaker_.empty() || !is_left(source)) {
        follow(source, "it was followed before");
        warn_of_safer_journal();
        return {};
      }
      left_ = source + " was followed before, but nothing was written to it for a week; ";
    }
    if (!speaker_.empty()) {
      follow_journal(places_.journal, left_ + "the MTA writes to it (unit " + speaker_ +
                                          "), and no other user can forge its entries");
      return {};
    }
    for (const auto& path : places_.files) {
      if (!is_in_use(path)) continue;
      follow_file(path, silence_ + "; " + kForgeable);
      return {};
    }
    if (JournalFollower::present(places_.journal))
      follow_journal(places_.journal, "there is no mail log in a file");
    return {};
  }

  /// Asked once: a large journal takes its time.
  const Result<std::vector<JournalFollower::Speaker>>& speakers_of_the_mta() {
    if (!speakers_) speakers_ = JournalFollower::speakers(config_.source_units, places_.journal);
    return *speakers_;
  }

  /// `silence_`: why the journal is not suitable. Else a unit of the MTA that writes to it.
  void read_journal() {
    const auto& speakers = speakers_of_the_mta();
    if (!speakers) {
      silence_ = "the journal cannot be read (" + speakers.error().message + ")";
      return;
    }
    silence_ = "the journal has no recent message of the units in source.units";
    for (const auto& speaker : *speakers)
      if (is_fresh(speaker.newest)) speaker_ = speaker.unit;
  }

  void warn_of_safer_journal() {
    if (speaker_.empty() || is_journal(logs_.sources.front()->source())) return;
    logs_.warnings.push_back(logs_.sources.front()->name() + ": " + kForgeable +
                             ", but the MTA also writes to the journal, where no one else can: set "
                             "source.journal = true to follow it (learning continues from where the "
                             "file was last read)");
  }

  void warn_of_rate_limits() {
    const auto& speakers = speakers_of_the_mta();
    if (!speakers) return;
    for (const auto& speaker : *speakers) {
      const RateLimit limit = rate_limit_of(speaker.unit);
      if (!is_fresh(speaker.newest) || !limit.is_low()) continue;
      logs_.warnings.push_back(
          "journald drops what " + speaker.unit + " logs beyond " + std::to_string(limit.burst) +
          " messages in " +
          std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit.interval).count()) +
          " s, and with it bounces: raise LogRateLimitBurst= in that unit (`systemctl edit " + speaker.unit +
          "`); see source.journal in suppressd.conf(5)");
    }
  }

  /// A log that was not written to for a long time is left over from before the journal.
  bool is_in_use(const std::string& path) const {
    std::error_code failed;
    if (!fs::is_regular_file(path, failed)) return false;
    if (!JournalFollower::present(places_.journal)) return true;
    return is_fresh(written(path));
  }

  /// The epoch if there is no such file.
  static Time written(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? from_unix(info.st_mtime) : Time{};
  }

  /// Neither it nor its rotated files were written to for a long time.
  static bool is_left(const std::string& path) {
    Time newest = written(path);
    for (const RotatedFile& file : rotated_files(path))
      newest = std::max(newest, from_unix(file.modified_ns / 1'000'000'000));
    return !is_fresh(newest);
  }

  bool is_journal(const std::string& source) const { return source == journal_source(); }
  std::string journal_source() const { return places_.journal.empty() ? "journal" : places_.journal; }

  /// After a rotation there may be no file for a while.
  bool is_there(const std::string& source) const {
    if (is_journal(source)) return JournalFollower::present(places_.journal);
    std::error_code failed;
    return fs::exists(source, failed) || !rotated_files(source).empty();
  }

  /// A log that is used if none is named.
  bool is_usual(const std::string& source) const {
    return is_journal(source) ||
           std::find(places_.files.begin(), places_.files.end(), source) != places_.files.end();
  }

  Status find_before() {
    auto newest = book_.newest_followed();
    if (!newest) return newest.error();
    if (!*newest || !(*newest)->last_time) return {};
    const auto goes_on = [&](const auto& source) { return source->source() == (*newest)->source; };
    if (std::none_of(logs_.sources.begin(), logs_.sources.end(), goes_on)) logs_.before = std::move(**newest);
    return {};
  }

  void follow(const std::string& source, const std::string& reason) {
    if (is_journal(source)) {
      follow_journal(places_.journal, reason);
    } else {
      follow_file(source, reason);
    }
  }
  void follow_file(const std::string& path, const std::string& reason = {}) {
    logs_.sources.push_back(std::make_unique<FileFollower>(path, line_times(config_.learn.timezone)));
    logs_.reason = reason;
  }
  void follow_journal(const std::string& folder, const std::string& reason = {}) {
    logs_.sources.push_back(std::make_unique<JournalFollower>(config_.source_units, folder));
    logs_.reason = reason;
    follows_system_journal_ = follows_system_journal_ || folder.empty();
  }

  const Config& config_;
  CursorBook& book_;
  const LogPlaces& places_;
  Logs logs_;
  bool follows_system_journal_ = false;
  std::optional<Result<std::vector<JournalFollower::Speaker>>> speakers_;
  std::string speaker_;
  std::string silence_;
  std::string left_;  ///< Why the log that was followed before is not; empty: it is, or there was none.
};

/// For a host on which nothing was read before.
class NoCursors : public CursorBook {
 public:
  Result<std::vector<Cursor>> by_first_line(std::string_view) override { return std::vector<Cursor>{}; }
  Result<std::optional<Cursor>> newest_of(std::string_view) override { return std::optional<Cursor>{}; }
  Result<std::optional<Cursor>> newest_followed() override { return std::optional<Cursor>{}; }
};

}  // namespace

Result<Logs> choose_logs(const Config& config, CursorBook& book, const LogPlaces& places) {
  return Choice(config, book, places).make();
}

Status check_logs(const Config& config) {
  NoCursors none;
  auto logs = choose_logs(config, none);
  if (!logs) return logs.error();
  std::vector<Gap> gaps;
  for (const auto& source : logs->sources)
    if (auto opened = source->open(none, config.source_start, gaps); !opened) return opened;
  return {};
}

}  // namespace suppressd
