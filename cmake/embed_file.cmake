# Writes the bytes of IN as a C++ array: a string literal would be limited in length.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
set(byte "'[^']*',")
string(REGEX REPLACE "(${byte}${byte}${byte}${byte}${byte}${byte}${byte}${byte})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "#include <string_view>
namespace suppressd {
namespace {
constexpr char bytes[] = {${bytes}};
}
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL}{bytes, sizeof bytes};
}  // namespace suppressd
")
