// Recognises a log stream by its first line and the bytes before a position.
//
// Only content counts, never path or inode: a renamed, copied or compressed log is the same stream.
// Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace suppressd {

/// Of a longer first line, only this many bytes count; it is complete once they are there.
inline constexpr std::size_t kFirstLineLimit = 64 * 1024;

/// SHA-256 (hex) of the first complete line in `head`, the beginning of a stream, without its
/// newline; empty: there is no such line yet.
std::string first_line_hash(std::string_view head);

/// SHA-256 (hex) of the bytes before a position: the last kDigestWindow bytes of `before`.
std::string window_digest(std::string_view before);

}  // namespace suppressd
