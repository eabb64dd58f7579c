// Tags: what a message belongs to (campaign, list source, account, contact).
//
// The milter reads them from headers or the login, and hands them to the learning thread with the message's
// queue id. Plain data and pure functions, safe from any thread; nothing fails.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "suppressd/base/bounded_queue.h"
#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd {

inline constexpr std::size_t kTagBytes = 64;
/// In place of a value, where there are too many new ones.
inline constexpr std::string_view kOtherTag = "other";

struct Tags {
  std::string campaign;
  std::string source;
  std::string account;
  std::string contact;  ///< Opaque: it is only handed on.

  bool empty() const { return campaign.empty() && source.empty() && account.empty() && contact.empty(); }
  bool operator==(const Tags&) const = default;
};

/// Tags of a message on their way to its row in `message`.
struct TagNote {
  std::string queue_id;
  Time begun;  ///< Its entry in the log lies between this and `ended`, give or take kTagApart.
  Time ended;
  Tags tags;
  std::string brought_by = {};  ///< Who brings the tags, where that matters: until they are stored.

  bool operator==(const TagNote&) const = default;
};
inline constexpr Duration kTagApart = std::chrono::seconds(60);
/// Whether the note may be about a message with its queue id that entered then.
bool may_be_about(const TagNote& note, Time entered);

/// A time in which the milter was killed: notes of messages that entered in it may be lost.
struct TagGap {
  Time from;
  Time to;
};

using TagQueue = BoundedQueue<TagNote>;

/// Where one tag comes from: `header:NAME`, `header:NAME:N` (the Nth field between colons), `list-id`,
/// `sasl`.
struct TagSource {
  enum class From { nothing, header, list_id, sasl };
  From from = From::nothing;
  std::string header;
  std::size_t field = 0;  ///< From 1; 0: the whole value.

  bool operator==(const TagSource&) const = default;
};
/// An empty text: from nothing.
Result<TagSource> tag_source_from(std::string_view text);

struct TagSources {
  TagSource campaign;
  TagSource source;
  TagSource account;
  TagSource contact;

  bool any() const { return *this != TagSources{}; }
  /// Whether the header of messages is needed.
  bool any_header() const;
  bool operator==(const TagSources&) const = default;
};

/// Printable ASCII without blanks at the ends, at most kTagBytes; other characters are replaced.
std::string tag_value(std::string_view text);

/// Takes the tags from one header field; of several with one name the first counts.
void read_tags(const TagSources& sources, std::string_view name, std::string_view value, Tags& tags);
/// Takes those that the login tells.
void read_tags_of_login(const TagSources& sources, std::string_view login, Tags& tags);

/// `4XyZ` of `250 2.0.0 Ok: queued as 4XyZ`; empty: there is none.
std::string_view queued_as(std::string_view reply);

}  // namespace suppressd
