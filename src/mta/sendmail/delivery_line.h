// The fields of one delivery line as Sendmail writes them (deliver.c logdelivery), before anything is made of
// them.
//
// Read once from the left: names and values up to the first free text, whose content is never searched for
// fields. Views point into the line. Pure functions, safe from any thread. Private to this folder and the
// tests.
#pragma once

#include <optional>
#include <string_view>

#include "suppressd/core/event.h"

namespace suppressd {

/// `to=<a>[,<b>...], [ctladdr=...,] delay=..., xdelay=..., mailer=..., pri=..., relay=..., dsn=...,
/// [reply=...,] [stat=...]`.
struct SendmailDelivery {
  std::string_view to;  ///< The list as logged.
  std::string_view delay;
  std::string_view mailer;
  std::string_view relay;
  std::string_view dsn;
  std::string_view
      reply;  ///< Up to the first `, stat=`: a server that writes one into its reply cuts its own text short.
  std::string_view stat;  ///< Behind that; where there is a reply it may hold remote text.
};

/// nullopt: no `to=`, a quote in it that never closes, or a line of Postfix.
std::optional<SendmailDelivery> read_sendmail_delivery(std::string_view fields);

/// Adds the addresses of a Sendmail list to `recipients`, brackets off, and returns how many of them had
/// none: a member of an alias is logged as the alias file has it, a recipient that came by SMTP as its client
/// wrote it.
unsigned split_recipients(std::string_view list, Recipients& recipients);

}  // namespace suppressd
