// Columns that several tables have: the tags of a message. Not dumped: the milter's notes are in no log, so a
// second run over it cannot give them again.
#pragma once

#include "suppressd/core/tags.h"

#include "columns.h"

namespace suppressd {

void columns(auto& column, RowOf<Tags> auto& tags) {
  column("campaign", tags.campaign, kNotDumped);
  column("source", tags.source, kNotDumped);
  column("account", tags.account, kNotDumped);
  column("contact", tags.contact, kNotDumped);
}

}  // namespace suppressd
