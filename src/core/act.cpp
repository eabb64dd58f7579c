#include "suppressd/core/act.h"

namespace suppressd {

std::string_view name_of_act(ListEventKind kind) {
  switch (kind) {
    case ListEventKind::lift:
      return "lift";
    case ListEventKind::undo:
      return "undo";
    case ListEventKind::confirm:
      return "confirm";
    case ListEventKind::add:
      return "add";
    case ListEventKind::revert:
      return "revert";
    case ListEventKind::reconfirm:
      return "reconfirm";
    default:
      return {};
  }
}

}  // namespace suppressd
