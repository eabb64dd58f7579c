#include "stream_identity.h"

#include <algorithm>

#include "suppressd/base/digest.h"
#include "suppressd/core/cursor.h"

namespace suppressd {

std::string first_line_hash(std::string_view head) {
  const std::string_view line = head.substr(0, kFirstLineLimit);
  const std::size_t newline = line.find('\n');
  if (newline == std::string_view::npos && line.size() < kFirstLineLimit) return {};
  return sha256_hex(line.substr(0, newline));
}

std::string window_digest(std::string_view before) {
  const std::size_t length = std::min<std::size_t>(before.size(), kDigestWindow);
  return sha256_hex(before.substr(before.size() - length));
}

}  // namespace suppressd
