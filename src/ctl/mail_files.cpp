#include "suppressd/ctl/mail_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

#include "suppressd/report/mbox.h"
#include "suppressd/report/reader.h"

namespace suppressd::ctl {
namespace {

using Take = std::function<Status(const std::string&, CollectedMail)>;

/// Splits at `From ` lines behind a blank one, where the first line is such a line.
class MailReader {
 public:
  MailReader(std::istream& bytes, std::string name, Time at, const Take& take)
      : bytes_(bytes), name_(std::move(name)), at_(at), take_(take) {}

  Status read() {
    std::string line;
    bool blank_before = true;
    while (std::getline(bytes_, line)) {
      const bool from_line = is_mbox_line(line);
      if (++lines_ == 1) mbox_ = from_line;
      if (mbox_ && from_line && blank_before && lines_ > 1) {
        if (auto taken = finish(); !taken) return taken;
      }
      blank_before = line.empty() || line == "\r";
      if (text_.size() < kReportBytes) text_.append(line).append("\n");
    }
    if (bytes_.bad()) return Error{name_ + ": " + std::strerror(errno)};
    return finish();
  }

 private:
  Status finish() {
    if (text_.empty()) return {};
    ++mails_;
    const auto shown = mbox_ ? name_ + "#" + std::to_string(mails_) : name_;
    return take_(shown, {at_, std::exchange(text_, {})});
  }

  std::istream& bytes_;
  std::string name_;
  Time at_;
  const Take& take_;
  std::string text_;
  bool mbox_ = false;
  std::size_t lines_ = 0;
  std::size_t mails_ = 0;
};

Status read_file(const std::string& path, const Take& take) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Error{"cannot read " + path + ": " + std::strerror(errno)};
  if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode)) return Error{path + " is neither a file nor a Maildir"};
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{"cannot read " + path + ": " + std::strerror(errno)};
  return MailReader(file, path, from_unix(info.st_mtime), take).read();
}

Status read_maildir(const std::string& path, const Take& take) {
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
  if (!is_maildir) return Error{path + " is a folder, but no Maildir: it has neither new nor cur that can be read"};
  std::ranges::sort(files);
  for (const auto& file : files)
    if (auto taken = read_file(file, take); !taken) return taken;
  return {};
}

}  // namespace

Status each_mail(const std::string& path, Time now, const Take& take) {
  if (path == "-") return MailReader(std::cin, "standard input", now, take).read();
  if (std::filesystem::is_directory(path)) return read_maildir(path, take);
  return read_file(path, take);
}

}  // namespace suppressd::ctl
