// The stored cursors, for sources that look for their place. One thread, that of the ledger.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "suppressd/source/source.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

/// The stored cursors of a ledger.
class LedgerCursors : public CursorBook {
 public:
  explicit LedgerCursors(Ledger& ledger) : ledger_(ledger) {}
  Result<std::vector<Cursor>> by_first_line(std::string_view first_line_sha256) override;
  Result<std::optional<Cursor>> newest_of(std::string_view source) override;
  Result<std::optional<Cursor>> newest_followed() override;

 private:
  Ledger& ledger_;
};

}  // namespace suppressd
