#include "setreply.h"

#include <cstddef>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::size_t kLimit = 980;  // MAXREPLYLEN in libmilter's smfi.c.

}  // namespace

std::string setreply_text(std::string_view text) {
  std::string result;
  for (const char c : clean(text, kLimit)) {
    const std::size_t width = c == '%' ? 2 : 1;
    if (result.size() + width > kLimit) break;
    result.append(width, c);
  }
  return result;
}

}  // namespace suppressd
