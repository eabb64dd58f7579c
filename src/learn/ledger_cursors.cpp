#include "suppressd/learn/ledger_cursors.h"

namespace suppressd {

Result<std::vector<Cursor>> LedgerCursors::by_first_line(std::string_view first_line_sha256) {
  return ledger_.cursors_by_first_line(first_line_sha256);
}

Result<std::optional<Cursor>> LedgerCursors::newest_followed() {
  return ledger_.newest_followed_cursor();
}

Result<std::optional<Cursor>> LedgerCursors::newest_of(std::string_view source) {
  return ledger_.newest_cursor(source);
}

}  // namespace suppressd
