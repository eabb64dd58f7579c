// Newest deliveries that wait to be stored together: runs of sorted ones, read as one.
//
// The more of them are stored at once, the fewer passes a replay makes over the table. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/sorted_deliveries.h"

namespace suppressd {

class DeliveryRuns {
 public:
  /// Later than those that were added before; may hold the same addresses.
  void add(SortedDeliveries run);
  bool empty() const { return runs_.empty(); }
  /// So many that they should be stored.
  bool full() const { return bytes_ >= kBytes; }
  /// The newest one to an address, which is left out from now on; false: there is none. Its queue id lies in
  /// this object.
  bool take_out(std::string_view address, NewestDelivery& newest);

  /// Goes through them in the order of addresses, the newest of each; of several at the same time, the first.
  /// They must stay as they are.
  class Reader {
   public:
    explicit Reader(const DeliveryRuns& runs);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    bool done() const { return heap_.empty(); }
    /// None where it is done. Until advance().
    NewestDelivery row() const { return heap_.front()->rows.row(); }
    void advance();

   private:
    /// What a run goes on with.
    struct Head {
      SortedDeliveries::Reader rows;
      std::uint64_t beginning = 0;  ///< Of the address, to compare most without looking at their texts.
      bool next();
    };
    static bool is_behind(const Head* a, const Head* b);
    void drop_first();
    void skip_left_out();

    const DeliveryRuns& runs_;
    std::vector<Head> heads_;  ///< In the order of runs.
    std::vector<Head*> heap_;  ///< Of those that are not at their end, the first address in front.
    std::string last_;
  };

 private:
  static constexpr std::size_t kBytes = 2 * 1024 * 1024;

  std::vector<SortedDeliveries> runs_;
  std::unordered_set<std::string, TextHash, std::equal_to<>> left_out_;
  std::size_t bytes_ = 0;
};

}  // namespace suppressd
