#include "suppressd/daemon/sources.h"

#include <chrono>
#include <filesystem>

#include "suppressd/source/file_follower.h"
#include "suppressd/source/journal_follower.h"

namespace suppressd {
namespace {

// Where syslog daemons write mail: Debian and Ubuntu, then Red Hat, SUSE and the BSDs.
constexpr const char* kUsualLogs[] = {"/var/log/mail.log", "/var/log/maillog", "/var/log/mail"};

constexpr auto kFresh = std::chrono::hours(24 * 7);

// A log that nobody has written to for a week is left over from before the journal.
bool is_in_use(const char* path, bool journal_present) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return false;
  if (!journal_present) return true;
  const auto written = std::filesystem::last_write_time(path, failed);
  return !failed && written + kFresh > std::filesystem::file_time_type::clock::now();
}

}  // namespace

Result<Sources> make_sources(const Config& config) {
  Sources sources;
  for (const auto& path : config.source_files) sources.push_back(std::make_unique<FileFollower>(path));

  const auto& journal = config.source_journal;
  if (journal.starts_with('/')) {
    sources.push_back(std::make_unique<JournalFollower>(config.source_units, journal));
  } else if (journal == "yes") {
    sources.push_back(std::make_unique<JournalFollower>(config.source_units));
  } else if (journal == "auto" && sources.empty()) {
    const bool journal_present = JournalFollower::present();
    for (const auto* path : kUsualLogs) {
      if (!is_in_use(path, journal_present)) continue;
      sources.push_back(std::make_unique<FileFollower>(path));
      return sources;
    }
    if (journal_present) sources.push_back(std::make_unique<JournalFollower>(config.source_units));
  }
  if (sources.empty()) {
    return Error{
        "there is no mail log to learn from: no journal, and no /var/log/mail.log or /var/log/maillog; name the file that your MTA logs to "
        "in source.files"};
  }
  return sources;
}

Result<std::vector<Cursor>> LedgerCursors::by_first_line(std::string_view first_line_sha256) {
  return ledger_.cursors_by_first_line(first_line_sha256);
}

Result<std::optional<Cursor>> LedgerCursors::newest_of(std::string_view source) {
  return ledger_.newest_cursor(source);
}

}  // namespace suppressd
