// Columns that several tables have: why a send failed.
#pragma once

#include "suppressd/core/outcome.h"

#include "columns.h"

namespace suppressd {

void columns(auto& column, RowOf<FailureReason> auto& reason) {
  auto& judgement = reason.judgement;
  column.word("category", judgement.category, category_from);
  column.word("action", judgement.action, action_from);
  column("weak", judgement.weak);
  column("rule", judgement.rule);
  column("code", reason.code);
  column("status", reason.status);
  column.word("stage", reason.stage, stage_from);
  column("provider", reason.provider);
  column("relay", reason.relay);
  column("text", reason.text);
}

}  // namespace suppressd
