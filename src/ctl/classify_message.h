// How suppressd classifies a mail that may be a report: `classify --message`.
//
// Each file is one mail, plain or compressed. One JSON object for each recipient that the report names, or
// one of category `not-a-report`. Does not check whether the report is to be believed: `learn` does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/result.h"

#include "context.h"

namespace suppressd::ctl {

/// `-` is standard input. Error: a file that cannot be read; a program built without reports.
Status classify_messages(Context& context, const Ruleset& rules, const std::vector<std::string>& files,
                         bool explain);

/// What the verdict on `failure` is based on, and the rules that matched. Null: nothing was judged. Needs an
/// open object.
class JsonWriter;
void write_explanations(JsonWriter& json, const Ruleset& rules, const std::optional<Failure>& failure);

}  // namespace suppressd::ctl
