// What is wrong with Sendmail's configuration, for suppressd. Pure.
#pragma once

#include <string>
#include <vector>

#include "suppressd/doctor/finding.h"

#include "milter_place.h"
#include "sendmail_settings.h"

namespace suppressd {

struct SendmailFacts {
  SendmailSettings settings;
  std::string file = "/etc/mail/sendmail.cf";
  MilterPlace place;
  std::vector<std::string> inbound_daemons;  ///< milter.inbound_daemons
  bool trace = true;                         ///< trace.enabled
};

/// The filter that is suppressd; nullptr: none is.
const SendmailSettings::Filter* our_filter(const SendmailFacts& facts);
/// The file of its socket; empty: no unix socket.
std::string socket_of(const SendmailSettings::Filter& filter);

Findings sendmail_findings(const SendmailFacts& facts);

/// How a change of sendmail.mc takes effect.
inline constexpr const char* kMakeSendmail = "make -C /etc/mail && systemctl restart sendmail";

}  // namespace suppressd
