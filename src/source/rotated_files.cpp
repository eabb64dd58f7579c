#include "suppressd/source/rotated_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <system_error>
#include <tuple>

#include "suppressd/base/ascii.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kSuffixes = {".gz", ".xz", ".zst", ".bz2", ".bz"};

std::string digits_of(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
  return digits;
}

/// `mail-#.log` for `mail-20261121.log`.
std::string skeleton(std::string_view name) {
  std::string shape;
  for (const char c : name) {
    if (!is_digit(c)) shape += c;
    if (is_digit(c) && (shape.empty() || shape.back() != '#')) shape += '#';
  }
  return shape;
}

bool is_date(std::string_view digits) {
  if (digits.size() < 8) return false;
  const auto number = [&](std::size_t at, std::size_t length) {
    return std::stoi(std::string(digits.substr(at, length)));
  };
  return number(0, 4) >= 1990 && number(0, 4) < 2200 && number(4, 2) >= 1 && number(4, 2) <= 12 &&
         number(6, 2) >= 1 && number(6, 2) <= 31;
}

/// Reads what a rotation put into a name: `.1`, `-20261121`, `-20261121-1763700000`, `.old`.
bool read_mark(std::string_view mark, RotationName& parts) {
  if (mark.size() < 2 || std::string_view(".-_").find(mark.front()) == std::string_view::npos) return false;
  mark.remove_prefix(1);
  if (mark == "old") {
    parts.number = "0";
    return true;
  }
  if (mark.find_first_not_of("0123456789.-_:T") != std::string_view::npos) return false;
  const std::string digits = digits_of(mark);
  if (digits.empty()) return false;
  if (is_date(digits)) parts.date = digits;
  if (digits.size() == mark.size() && digits.size() <= 4) parts.number = digits;
  return true;
}

enum class Order { number, date, time };

Order order_of(const std::vector<std::pair<RotationName, RotatedFile>>& files) {
  const auto all = [&](auto member) {
    return std::all_of(files.begin(), files.end(), [&](const auto& f) { return !(f.first.*member).empty(); });
  };
  if (all(&RotationName::number)) return Order::number;
  if (all(&RotationName::date)) return Order::date;
  return Order::time;
}

void collect(const fs::path& log, std::vector<std::pair<RotationName, RotatedFile>>& files) {
  std::error_code error;
  for (fs::directory_iterator entry(log.parent_path().empty() ? fs::path(".") : log.parent_path(), error),
       end;
       !error && entry != end; entry.increment(error)) {
    RotationName parts;
    struct stat status {};
    if (!is_rotation_of(log.filename().string(), entry->path().filename().string(), parts)) continue;
    if (stat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    const std::int64_t modified =
        static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
    files.push_back({parts, {entry->path().string(), status.st_dev, status.st_ino, modified}});
  }
}

}  // namespace

bool is_rotation_of(std::string_view log, std::string_view name, RotationName& parts) {
  parts = RotationName{};
  std::string_view stem = name;
  for (const std::string_view suffix : kSuffixes) {
    if (!stem.ends_with(suffix)) continue;
    stem.remove_suffix(suffix.size());
    parts.compressed = true;
    break;
  }
  parts.stem = std::string(stem);
  if (stem == log) return parts.compressed;
  if (stem.starts_with(log)) return read_mark(stem.substr(log.size()), parts);

  const std::size_t dot = log.rfind('.');
  if (dot != std::string_view::npos && dot > 0 && stem.starts_with(log.substr(0, dot)) &&
      stem.ends_with(log.substr(dot)) && stem.size() > log.size()) {
    return read_mark(stem.substr(dot, stem.size() - log.size()), parts);
  }
  if (digits_of(log).size() >= 6 && skeleton(stem) == skeleton(log)) {
    if (is_date(digits_of(stem))) parts.date = digits_of(stem);
    return true;
  }
  return false;
}

std::vector<RotatedFile> rotated_files(const std::string& path) {
  std::vector<std::pair<RotationName, RotatedFile>> files;
  collect(path, files);
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  if (!error && target != fs::path(path).lexically_normal()) collect(target, files);

  const auto place = [](const auto& file) {
    return fs::path(file.second.path).parent_path() / file.first.stem;
  };
  std::erase_if(files, [&](const auto& file) {
    return file.first.compressed && std::any_of(files.begin(), files.end(), [&](const auto& other) {
             return !other.first.compressed && place(other) == place(file);
           });
  });

  const Order order = order_of(files);
  std::stable_sort(files.begin(), files.end(), [order](const auto& a, const auto& b) {
    if (order == Order::number && std::stoi(a.first.number) != std::stoi(b.first.number)) {
      return std::stoi(a.first.number) > std::stoi(b.first.number);
    }
    if (order == Order::date && a.first.date != b.first.date) return a.first.date < b.first.date;
    return a.second.modified_ns < b.second.modified_ns;
  });
  std::vector<RotatedFile> result;
  for (auto& file : files) {
    const bool again = std::any_of(result.begin(), result.end(), [&](const RotatedFile& other) {
      return other.device == file.second.device && other.inode == file.second.inode;
    });
    if (!again) result.push_back(std::move(file.second));
  }
  return result;
}

}  // namespace suppressd
