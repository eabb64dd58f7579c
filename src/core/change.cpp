#include "suppressd/core/change.h"

#include <iterator>

namespace suppressd {
namespace {

constexpr std::string_view kNames[] = {"suppressed", "pending",  "confirmed", "dropped",  "lifted",
                                       "suspended",  "changed",  "added",     "restored", "exempted",
                                       "unexempted", "expunged", "erased"};

}  // namespace

std::string_view name_of(ChangeAct act) {
  return kNames[static_cast<std::size_t>(act)];
}

std::optional<ChangeAct> change_act_from(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<ChangeAct>(i);
  return std::nullopt;
}

}  // namespace suppressd
