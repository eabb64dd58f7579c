// What a code means if the text is unknown: one table for enhanced statuses (RFC 3463), one for reply
// codes (RFC 5321).
//
// The last resort of the classifier: what it classifies as dead is weak: codes lie. Each row has an id
// (`status.5.7.x`, `code.5xx`) that is recorded as a rule's is. Pure function, safe from any
// thread; ids are literals.
#pragma once

#include <string_view>

#include "suppressd/core/category.h"
#include "suppressd/core/reply.h"

namespace suppressd {

struct FallbackRow {
  std::string_view id;
  Category category = Category::not_understood;
  bool weak = false;
};

/// `code` 0: none. The status decides unless it says nothing (x.0.x, 5.1.0, 5.2.0); then the stage and the
/// code do. `temporary`: the MTA has tried again or will. With neither code nor status nor `temporary`
/// nothing is known: no id, and the category is not_understood.
FallbackRow fallback(int code, EnhancedStatus status, Stage stage, bool temporary);

}  // namespace suppressd
