// What a connection that writes tells a class that remembers what the database holds.
//
// Called from the connection's thread. A listener that cannot keep up forgets what it knew; it never fails
// the writer.
#pragma once

#include <string_view>

namespace suppressd {

class WriteListener {
 public:
  /// A Transaction has begun, and holds the lock.
  virtual void transaction_begun() noexcept = 0;
  /// It inserts a row into `suppression`.
  virtual void inserting(std::string_view address) noexcept = 0;
  /// It has ended, and has committed changes or nothing.
  virtual void transaction_ended(bool changed) noexcept = 0;

 protected:
  ~WriteListener() = default;
};

}  // namespace suppressd
