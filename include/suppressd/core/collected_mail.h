// A mail that came in and may be a report about one that went out, on its way from the milter to the learning
// thread.
#pragma once

#include <cstddef>
#include <string>

#include "suppressd/base/bounded_queue.h"
#include "suppressd/base/time.h"

namespace suppressd {

/// What is kept of a mail; reports say what they have to say at the beginning.
inline constexpr std::size_t kCollectedBytes = 512 * 1024;

struct CollectedMail {
  Time at;           ///< When it came.
  std::string text;  ///< Header and body as sent, lines ended by LF or CRLF, cut at kCollectedBytes.
};

using MailQueue = BoundedQueue<CollectedMail>;

}  // namespace suppressd
