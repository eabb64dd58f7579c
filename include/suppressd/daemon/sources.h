// Which logs are followed: the sources that the configuration asks for.
//
// `source.journal = auto` means: the journal, unless files are named or one of the usual mail logs is there. Called at start.
#pragma once

#include <memory>
#include <vector>

#include "suppressd/core/result.h"
#include "suppressd/daemon/config.h"
#include "suppressd/source/source.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

using Sources = std::vector<std::unique_ptr<Source>>;

/// Error: nothing to read, and what to configure.
Result<Sources> make_sources(const Config& config);

/// The stored cursors of a ledger.
class LedgerCursors : public CursorBook {
 public:
  explicit LedgerCursors(Ledger& ledger) : ledger_(ledger) {}
  Result<std::vector<Cursor>> by_first_line(std::string_view first_line_sha256) override;
  Result<std::optional<Cursor>> newest_of(std::string_view source) override;

 private:
  Ledger& ledger_;
};

}  // namespace suppressd
