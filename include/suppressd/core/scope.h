// Whose mail an entry refuses: all mail, or that of one organisational sender domain.
//
// The organisational domain is the one that somebody has registered, by the public suffix list: that of
// `bounce@news.shop.example` is `shop.example`. It is taken from the envelope sender, because that is known
// when a recipient is asked about; mail of the null sender has none, so only entries for all mail cover it.
// Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"

namespace suppressd {

/// The organisational domain of an envelope sender, with A-labels; empty: the null sender, or one
/// without a domain name, such as an address literal: what holds for its mail holds for all mail.
std::string scope_of(std::string_view sender);

/// The scope that a person names: `shop.example`, or `all` (then empty). Error: it is no organisational
/// domain; the message names the right one.
Result<std::string> scope_from(std::string_view text);

/// Whose mail a message is. What has no entry for a sender domain never asks for the domain.
class MailScope {
 public:
  explicit MailScope(std::string_view sender) : sender_(sender) {}

  /// A scope that somebody has written by hand may be narrower than an organisational domain.
  bool in(std::string_view scope);

 private:
  std::string_view sender_;
  std::optional<std::string> host_;
};

}  // namespace suppressd
