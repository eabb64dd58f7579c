// The stored cursors, for sources that look for their place. One thread, that of the ledger.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "suppressd/source/source.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

class LedgerCursors : public CursorBook {
 public:
  /// `store_held`, called before each answer, stores what is held of the stream until now; false: it could
  /// not.
  explicit LedgerCursors(Ledger& ledger, std::function<bool()> store_held = nullptr)
      : ledger_(ledger), store_held_(std::move(store_held)) {}
  Result<std::vector<Cursor>> by_first_line(std::string_view first_line_sha256) override;
  Result<std::optional<Cursor>> newest_of(std::string_view source) override;
  Result<std::optional<Cursor>> newest_followed() override;

 private:
  Status stored() const;

  Ledger& ledger_;
  std::function<bool()> store_held_;
};

}  // namespace suppressd
