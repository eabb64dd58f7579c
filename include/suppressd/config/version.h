// The program's version, from CMakeLists.txt.
#pragma once

namespace suppressd {

inline constexpr const char* kVersion = SUPPRESSD_VERSION;

}  // namespace suppressd
