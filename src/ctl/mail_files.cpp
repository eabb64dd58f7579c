#include "mail_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "suppressd/report/mbox.h"
#include "suppressd/report/reader.h"
#include "suppressd/source/byte_stream.h"

namespace suppressd::ctl {
namespace {

using Take = std::function<Status(const std::string&, CollectedMail)>;

/// Splits at `From ` lines after a blank one, if the first line is a `From ` line.
class MailReader {
 public:
  MailReader(ByteStream bytes, std::string name, Time at, const Take& take)
      : bytes_(std::move(bytes)), name_(std::move(name)), at_(at), take_(take) {
    bytes_.settled();
  }

  Status read() {
    std::array<char, 64 * 1024> space;
    for (;;) {
      const auto count = bytes_.read(space);
      if (!count) return count.error();
      if (*count == 0) break;
      for (std::string_view rest(space.data(), *count); !rest.empty();) {
        const std::size_t end = rest.find('\n');
        add_to_line(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
        if (auto taken = take_line(); !taken) return taken;
      }
    }
    if (!line_.empty()) {
      if (auto taken = take_line(); !taken) return taken;
    }
    return finish();
  }

 private:
  void add_to_line(std::string_view part) {
    line_.append(part.substr(0, kReportBytes - std::min(kReportBytes, line_.size())));
  }

  Status take_line() {
    const bool from_line = is_mbox_line(line_);
    if (++lines_ == 1) mbox_ = from_line;
    if (mbox_ && from_line && blank_before_ && lines_ > 1) {
      if (auto taken = finish(); !taken) return taken;
    }
    blank_before_ = line_.empty() || line_ == "\r";
    if (text_.size() < kReportBytes) text_.append(line_).append("\n");
    line_.clear();
    return {};
  }

  Status finish() {
    if (text_.empty()) return {};
    ++mails_;
    const auto shown = mbox_ ? name_ + "#" + std::to_string(mails_) : name_;
    return take_(shown, {at_, std::exchange(text_, {})});
  }

  ByteStream bytes_;
  std::string name_;
  Time at_;
  const Take& take_;
  std::string line_;
  std::string text_;
  bool mbox_ = false;
  bool blank_before_ = true;
  std::size_t lines_ = 0;
  std::size_t mails_ = 0;
};

/// ByteStream::open_input's errors for a file that cannot be opened are advice on logs.
Result<ByteStream> open_mail(const std::string& path) {
  if (path != "-" && access(path.c_str(), R_OK) != 0)
    return Error{"cannot read " + path + ": " + std::strerror(errno)};
  return ByteStream::open_input(path);
}

Status read_file(const std::string& path, Time now, const Take& take) {
  auto bytes = open_mail(path);
  if (!bytes) return bytes.error();
  const Time at = S_ISREG(bytes->status().st_mode) ? bytes->modified() : now;
  return MailReader(std::move(*bytes), path, at, take).read();
}

Status read_maildir(const std::string& path, Time now, const Take& take) {
  std::vector<std::string> files;
  bool is_maildir = false;
  for (const char* part : {"new", "cur"}) {
    std::error_code failed;
    std::filesystem::directory_iterator entries(std::filesystem::path(path) / part, failed);
    if (failed) continue;
    is_maildir = true;
    for (const auto& entry : entries)
      if (entry.is_regular_file(failed)) files.push_back(entry.path().string());
  }
  if (!is_maildir)
    return Error{path + " is a folder, but not a Maildir: it has neither new nor cur that can be read"};
  std::ranges::sort(files);
  for (const auto& file : files)
    if (auto taken = read_file(file, now, take); !taken) return taken;
  return {};
}

}  // namespace

Status each_mail(const std::string& path, Time now, const Take& take) {
  if (std::filesystem::is_directory(path)) return read_maildir(path, now, take);
  return read_file(path, now, take);
}

}  // namespace suppressd::ctl
