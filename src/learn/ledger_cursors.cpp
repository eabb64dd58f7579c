#include "suppressd/learn/ledger_cursors.h"

namespace suppressd {

Status LedgerCursors::stored() const {
  if (store_held_ && !store_held_()) return Error{"what was read before could not be stored"};
  return {};
}

Result<std::vector<Cursor>> LedgerCursors::by_first_line(std::string_view first_line_sha256) {
  if (auto all = stored(); !all) return all.error();
  return ledger_.cursors_by_first_line(first_line_sha256);
}

Result<std::optional<Cursor>> LedgerCursors::newest_followed() {
  if (auto all = stored(); !all) return all.error();
  return ledger_.newest_followed_cursor();
}

Result<std::optional<Cursor>> LedgerCursors::newest_of(std::string_view source) {
  if (auto all = stored(); !all) return all.error();
  return ledger_.newest_cursor(source);
}

}  // namespace suppressd
