#include "suppressd/base/time_zone.h"

#include <cctz/civil_time.h>
#include <cctz/zone_info_source.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "suppressd/base/ascii.h"

namespace suppressd {
namespace {

constexpr char kBeforeVersion = '\n';  ///< Occurs in no path of a zone file.

/// A zone file, as cctz reads it.
class ZoneFile : public cctz::ZoneInfoSource {
 public:
  explicit ZoneFile(std::ifstream file) : file_(std::move(file)) {}

  std::size_t Read(void* bytes, std::size_t size) override {
    file_.read(static_cast<char*>(bytes), static_cast<std::streamsize>(size));
    return static_cast<std::size_t>(file_.gcount());
  }
  int Skip(std::size_t size) override {
    return file_.seekg(static_cast<std::streamoff>(size), std::ios::cur) ? 0 : -1;
  }

 private:
  std::ifstream file_;
};

std::unique_ptr<cctz::ZoneInfoSource> open_zone(
    const std::string& key,
    const std::function<std::unique_ptr<cctz::ZoneInfoSource>(const std::string&)>& /*from_tzdir*/) {
  std::ifstream file(key.substr(0, key.find(kBeforeVersion)), std::ios::binary);
  if (!file) return nullptr;
  return std::make_unique<ZoneFile>(std::move(file));
}

bool is_zone_name(std::string_view name) {
  return !name.starts_with('/') && std::ranges::all_of(name, [](char c) {
    return is_digit(c) || is_letter(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

/// The name under which cctz keeps the zone: a changed file gets another name. Empty: there is no
/// such file.
std::string key_of(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) return {};
  return path + kBeforeVersion + std::to_string(file.st_ino) + ' ' + std::to_string(file.st_size) + ' ' +
         std::to_string(file.st_mtim.tv_sec) + '.' + std::to_string(file.st_mtim.tv_nsec);
}

Time time_of(const cctz::time_point<cctz::seconds>& point) {
  return from_unix(point.time_since_epoch().count());
}

}  // namespace

Result<TimeZone> TimeZone::load(std::string_view name) {
  if (name == "UTC") return TimeZone(cctz::utc_time_zone());
  if (!is_zone_name(name)) {
    return Error{"unknown time zone \"" + std::string(name.substr(0, 60)) +
                 "\": names read like Europe/Berlin or UTC"};
  }
  const std::string path = name.empty() ? "/etc/localtime" : "/usr/share/zoneinfo/" + std::string(name);
  const std::string key = key_of(path);
  if (key.empty() && name.empty()) return load("UTC");
  if (key.empty()) {
    return Error{"unknown time zone \"" + std::string(name) + "\": there is no " + path +
                 " (names read like Europe/Berlin or UTC; the package tzdata has them)"};
  }
  static const bool ours = (cctz_extension::zone_info_source_factory = open_zone, true);
  cctz::time_zone zone;
  if (!ours || !cctz::load_time_zone(key, &zone))
    return Error{"cannot read the time zone file " + path + ": it is not a TZif file"};
  return TimeZone(zone);
}

TimeZone::Meaning TimeZone::meaning_of(std::int64_t local) const {
  const std::chrono::sys_seconds as_utc{std::chrono::seconds(local)};
  const auto day = std::chrono::floor<std::chrono::days>(as_utc);
  const std::chrono::year_month_day date{day};
  const cctz::civil_second civil(static_cast<int>(date.year()), static_cast<int>(unsigned{date.month()}),
                                 static_cast<int>(unsigned{date.day()}), 0, 0, (as_utc - day).count());
  const auto found = zone_.lookup(civil);
  if (found.kind == cctz::time_zone::civil_lookup::REPEATED) return {time_of(found.pre), time_of(found.post)};
  return {time_of(found.pre), time_of(found.pre)};
}

}  // namespace suppressd
