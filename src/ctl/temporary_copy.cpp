#include "temporary_copy.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "suppressd/store/admin.h"

namespace suppressd::ctl {

TemporaryCopy::TemporaryCopy(TemporaryCopy&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}

TemporaryCopy::~TemporaryCopy() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<TemporaryCopy> TemporaryCopy::make(const std::string& path) {
  std::error_code problem;
  const auto base = std::filesystem::temp_directory_path(problem);
  if (problem) return Error{"no folder for temporary files: " + problem.message() + " (set TMPDIR to one)"};
  std::string folder = (base / "suppressctl-XXXXXX").string();
  if (!mkdtemp(folder.data())) {
    return Error{"cannot make a temporary folder in " + base.string() + ": " + std::strerror(errno) +
                 " (set TMPDIR to another)"};
  }
  TemporaryCopy copy(std::move(folder));
  if (access(path.c_str(), F_OK) == 0) {
    if (auto filled = copy.fill_from(path); !filled) return filled.error();
  }
  return copy;
}

Status TemporaryCopy::fill_from(const std::string& path) const {
  auto source = Admin::open(path);
  if (!source) return source.error();
  const auto copied = source->back_up(file());
  if (!copied) return Error{copied.error().message + " (TMPDIR names another folder for the copy)"};
  return {};
}

Result<Ledger> TemporaryCopy::open() const {
  return Ledger::open(file(), Ledger::Mode::create, Ledger::Durability::learning);
}

Result<Reader> TemporaryCopy::open_for_reading() const {
  return Reader::open(file());
}

}  // namespace suppressd::ctl
