// The gate through which every connection of this process to one database passes.
//
// SQLite's locks belong to the process, and SQLite takes the write-ahead log and the index that lie beside a
// file for those of that file. So when the file at the path, its log or its index is replaced or removed,
// every connection must be closed before a new one is opened, and none may be opened beside the log of
// another file. The gate knows which files are open, how many connections there are, and notices the change.
// Who keeps a connection asks current() before using it, and closes it when that is false. Any thread;
// nothing waits.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "suppressd/base/result.h"

namespace suppressd {

class DatabaseGate {
 public:
  /// How long files that were replaced or removed may go unnoticed.
  static constexpr std::chrono::milliseconds kTrusted{10};

  explicit DatabaseGate(std::string path);
  ~DatabaseGate();

  /// One connection. It is made before the connection is opened, and outlives it.
  class Pass {
   public:
    explicit Pass(DatabaseGate& gate) : gate_(&gate) {}
    ~Pass();
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;

   private:
    DatabaseGate* gate_;
  };

  /// Lets a connection in. Error: the files were replaced, and there are still connections to the old ones,
  /// or the old log lies beside the new file. An old log that is empty is removed, and so is an old index
  /// without its log: neither holds anything.
  Result<Pass> enter();
  /// The connection has been opened and has read. Error: the files were replaced meanwhile.
  Status entered();

  /// The files at the path are those that are open; as they were found at most `trusted` ago.
  bool current(std::chrono::milliseconds trusted = kTrusted);
  /// `close` is called once for each change that current() notices, by whatever thread notices it: to close
  /// what is not in use.
  void when_replaced(std::function<void()> close);

  /// Those who are inside have a write-ahead log.
  bool has_log() const;
  const std::string& path() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
