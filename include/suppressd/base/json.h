// JSON whose objects keep their members in the order in which they were added.
#pragma once

#include <nlohmann/json.hpp>

namespace suppressd {

using Json = nlohmann::ordered_json;

}  // namespace suppressd
