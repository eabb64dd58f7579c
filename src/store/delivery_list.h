// The deliveries of an address as one text: `recipient.deliveries`.
//
// One line each, in the fold's order: end (Unix seconds), seconds from the message's entry to the end,
// queue id, host, instance. `-`: empty; `=`: as on the line before (doc/formats.md). Pure functions, safe
// from any thread; a line that cannot be read is skipped.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/list_event.h"

namespace suppressd {

std::string text_of_deliveries(std::span<const ListEvent> events);  ///< Other events are left out.
std::vector<ListEvent> deliveries_of_text(std::string_view text);

}  // namespace suppressd
