#include "suppressd/core/change.h"

#include <iterator>

#include "suppressd/base/enum_names.h"

namespace suppressd {
namespace {

constexpr std::string_view kNames[] = {
    "suppressed",     "pending",         "confirmed",      "dropped",         "lifted",
    "suspended",      "changed",         "added",          "restored",        "exempted",
    "unexempted",     "expunged",        "erased",         "enforcement-off", "enforcement-on",
    "breaker-paused", "breaker-testing", "breaker-closed", "breaker-resumed", "reconfirmed"};

}  // namespace

std::string_view name_of(ChangeAct act) {
  return kNames[static_cast<std::size_t>(act)];
}

std::optional<ChangeAct> change_act_from(std::string_view name) {
  return enum_from<ChangeAct>(kNames, name);
}

}  // namespace suppressd
