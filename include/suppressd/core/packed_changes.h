// The tracker's changes, packed: at the end of a long transaction there are tens of thousands. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/tracked.h"

namespace suppressd {

class PackedChanges {
 public:
  // As in TrackerChanges.
  void remove(const MessageKey& key);
  void add(const Message& message);
  void remove_send(const MessageKey& key, std::string_view address);
  /// `send.address` is not looked at.
  void add_send(const MessageKey& key, std::string_view address, const Send& send);

  /// Gives back what it reserved in vain.
  void shrink();

  /// Gives them back in pieces, in an order in which they can be stored one after the other; ends with the
  /// first error.
  Status each_piece(const std::function<Status(const TrackerChanges&)>& take) const;

 private:
  struct List {
    std::string bytes;
    std::size_t size = 0;
  };

  List removed_;
  List messages_;
  List removed_sends_;
  List sends_;
  std::vector<std::shared_ptr<const FailureReason>> reasons_;  ///< Of the sends.
};

}  // namespace suppressd
