#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "suppressd/base/text.h"

namespace suppressd::ctl {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(200);
constexpr std::size_t kLongestName = 60;

}  // namespace

Progress::Progress() : on_terminal_(isatty(STDERR_FILENO) == 1), begun_(Clock::now()) {}

Progress::~Progress() {
  wipe();
}

void Progress::show(const std::string& name, std::uint64_t done, std::uint64_t total, std::uint64_t lines) {
  const auto now = Clock::now();
  if (!on_terminal_ || now - last_ < kEvery) return;
  last_ = now;
  shown_ = true;
  const double seconds = std::max(0.001, std::chrono::duration<double>(now - begun_).count());
  std::string share;
  if (total > 0) share = std::to_string(std::min<std::uint64_t>(100, done * 100 / total)) + " %, ";
  std::fprintf(stderr, "\r\x1b[K%s: %s%llu lines, %.0f lines per second", clean(name, kLongestName).c_str(),
               share.c_str(), static_cast<unsigned long long>(lines), static_cast<double>(lines) / seconds);
}

void Progress::wipe() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

}  // namespace suppressd::ctl
