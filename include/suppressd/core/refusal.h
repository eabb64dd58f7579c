// One refused recipient, on its way from the verdict half to the learning thread.
//
// RefusalQueue is bounded and never blocks the one who offers: when it is full the note is dropped and counted, and the count is
// written as soon as there is room. Any thread offers; the learning thread takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "suppressd/core/time.h"

namespace suppressd {

struct Refusal {
  Time at;
  std::string address;   ///< Canonical.
  std::string sender;    ///< Envelope sender as given, cleaned; empty for the null sender.
  std::string queue_id;  ///< Empty where the MTA had given none yet.
  std::string client;    ///< IP address of the client, or `local`.
  std::string kind;      ///< Kind of the entry that decided.
  std::string category;
  std::string ref;
  std::string outcome;  ///< `refused`, `removed` (from a non-SMTP message), `monitored` (monitor mode), `bypassed`.
};

class RefusalQueue {
 public:
  /// `wake` is called, from the offering thread, when the queue was empty before; it must not block.
  explicit RefusalQueue(std::size_t capacity, std::function<void()> wake = {});

  /// False when full: the note is dropped and counted.
  bool offer(Refusal refusal);

  /// All notes that wait, oldest first, and how many were dropped since the last call.
  std::vector<Refusal> take(std::uint64_t& dropped);

 private:
  std::mutex mutex_;
  std::vector<Refusal> waiting_;
  std::size_t capacity_;
  std::uint64_t dropped_ = 0;
  std::function<void()> wake_;
};

}  // namespace suppressd
