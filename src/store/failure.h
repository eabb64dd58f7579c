// From SQLite's failures to messages that say what to do.
//
// StoreFailure is thrown within the layer; guarded() turns it into an Error at the border. Safe from any
// thread.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "suppressd/base/result.h"

#include "database.h"

struct sqlite3;

namespace suppressd {

/// Throws StoreFailure with SQLite's own words, unless `code` is SQLITE_OK.
void check(int code, sqlite3* handle);

Error to_error(const StoreFailure& failure, const std::string& path);

/// Who may use the file at `path`, and what to do if this process may not: owner, group and mode of the
/// file or folder that prevents it.
std::string access_advice(const std::string& path);

/// Runs `action` and turns StoreFailure into an Error.
template <typename Action>
auto guarded(const Database& database, Action&& action) {
  using Value = std::invoke_result_t<Action>;
  try {
    if constexpr (std::is_void_v<Value>) {
      std::forward<Action>(action)();
      return Status{};
    } else {
      return Result<Value>{std::forward<Action>(action)()};
    }
  } catch (const StoreFailure& failure) {
    return Result<Value>{to_error(failure, database.path())};
  }
}

}  // namespace suppressd
