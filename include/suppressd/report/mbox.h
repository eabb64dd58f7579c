// Where a mail begins in an mbox.
#pragma once

#include <string_view>

namespace suppressd {

/// Whether the line is one that an mbox has before each mail: `From`, the sender, and a date as of asctime(3)
/// (RFC 4155 appendix A). The date counts, because a text line that begins with `From ` is not quoted in
/// every mbox, and a bounce that is cut in two is no longer a bounce.
bool is_mbox_line(std::string_view line);

}  // namespace suppressd
