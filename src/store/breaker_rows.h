// Rows of `breaker`, `breaker_test` and `tag_bringer`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/breaker.h"
#include "suppressd/core/pause_lookup.h"

#include "database.h"

namespace suppressd {

/// `with_old_tests`: also those that are over, for people to see; else only what step() needs.
BreakerView load_breakers(Database& database, bool with_old_tests);
void save_breaker(Database& database, const Breaker& breaker);
/// Removes closed ones from before that time.
void forget_breakers(Database& database, Time before);
std::int64_t newest_alert_of(Database& database, const BreakerPlace& place);

/// Of breakers that are tested.
std::vector<TestMessage> load_test_messages(Database& database);
void save_test_message(Database& database, const TestMessage& message);
/// It goes on under another queue id.
void move_test_message(Database& database, const TestMessage& message, std::string_view queue_id, Time since);
void forget_test_messages(Database& database, const BreakerPlace& place);

std::optional<Pause> find_pause(Database& database, const PauseQuery& query, Time now);

/// The time from which sends count in the windows of a rate; nullopt: all do.
std::optional<Time> rates_counted_from(Database& database, std::string_view dimension, std::string_view name);

/// Remembers who brings the tags of the note; those that somebody else brought first get a name of their own.
void name_bringers(Database& database, TagNote& note, Time now);
void forget_bringers(Database& database, Time time);

/// Queue ids of open messages with that tag, in any dimension.
std::vector<std::string> queued_with_tag(Database& database, std::string_view tag);

}  // namespace suppressd
