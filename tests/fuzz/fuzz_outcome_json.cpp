// Outcomes as JSON, as a hand or another machine may have made them: what is read is written, and read,
// again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "suppressd/base/utf8.h"
#include "suppressd/core/outcome_json.h"

namespace {

using namespace suppressd;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto outcome = outcome_from({reinterpret_cast<const char*>(data), size});
  if (!outcome) {
    require(!outcome.error().message.empty() && outcome.error().message.size() < 200);
    return 0;
  }
  const auto json = json_of(*outcome);
  require(is_utf8(json));
  const auto again = outcome_from(json);
  require(again && *again == *outcome && json_of(*again) == json);
  return 0;
}
