#include "faults.h"

#include <atomic>

namespace suppressd::fault {
namespace {

std::atomic<bool> armed = false;
std::atomic<Kind> kind_armed = Kind::io;
std::atomic<std::uint64_t> at = 0;
std::atomic<bool> lasting = false;
std::atomic<std::uint64_t> count = 0;
std::atomic<const char*> first = nullptr;

}  // namespace

std::string name_of(Kind kind) {
  switch (kind) {
    case Kind::io:
      return "io";
    case Kind::full:
      return "full";
    case Kind::torn:
      return "torn";
    case Kind::sync:
      return "sync";
    case Kind::memory:
      return "memory";
  }
  return {};
}

void arm(const Plan& plan) {
  armed = false;
  kind_armed = plan.kind;
  at = plan.at;
  lasting = plan.lasting;
  count = 0;
  first = nullptr;
  armed = true;
}

void lift() {
  armed = false;
}

bool strikes(Kind kind, const char* what) {
  if (!armed || kind != kind_armed) return false;
  const std::uint64_t number = ++count;
  if (at == 0 || number < at || (number > at && !lasting)) return false;
  const char* none = nullptr;
  first.compare_exchange_strong(none, what);
  return true;
}

std::uint64_t operations() {
  return count;
}

std::string struck() {
  const char* what = first;
  return what != nullptr ? what : "";
}

}  // namespace suppressd::fault
