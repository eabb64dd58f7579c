// The fields of one delivery line as Sendmail writes them (deliver.c logdelivery), before they are
// interpreted.
//
// Reads names and values once, from left to right, up to the first free text, which is never
// searched for fields. Views point into the line. Pure functions, safe from any thread. Private to
// this folder and the tests.
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
  /// Up to the first `, stat=`: a server that writes one into its reply cuts its own text short.
  std::string_view reply;
  std::string_view stat;  ///< After `stat=`. If there is a reply, it may contain remote text.
};

/// nullopt: there is no `to=`, a quote in it is never closed, or it is a line of Postfix.
std::optional<SendmailDelivery> read_sendmail_delivery(std::string_view fields);

/// Adds the addresses of a Sendmail list to `recipients`, without brackets, and returns how many
/// had no brackets. Sendmail logs a member of an alias as the alias file has it, and a recipient
/// that came by SMTP as the client wrote it.
unsigned split_recipients(std::string_view list, Recipients& recipients);

}  // namespace suppressd
