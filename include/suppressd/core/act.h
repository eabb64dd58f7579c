// An act by hand that the list depends on. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "suppressd/core/list_event.h"

namespace suppressd {

/// Row in `act`. Its number is unique and rising; a command on many addresses is one act.
struct Act {
  ListEventKind kind = ListEventKind::lift;  ///< lift, confirm, add, undo, revert or reconfirm.
  Time at;
  std::string actor;
  std::string note;
  LiftDetails lift = {};     ///< Of a lift.
  UndoDetails undo;          ///< Of an undo.
  std::int64_t reverts = 0;  ///< Of a revert: number of the act that it takes back.
};
/// `lift`, `confirm`, `add`, `undo`, `revert`, `reconfirm`; empty for other kinds of events.
std::string_view name_of_act(ListEventKind kind);

}  // namespace suppressd
