// Examines the installation on this host: the MTA's configuration, the log, the socket, the database, the
// daemon.
//
// Reads only, and runs postconf(1) and systemctl(1). As root it looks with the eyes of the accounts of the
// MTA and of suppressd, in child processes; otherwise part of it is `unknown`. One thread; no connection to
// the database may be open.
#pragma once

#include <string>

#include "suppressd/config/config.h"
#include "suppressd/doctor/finding.h"

namespace suppressd {

struct ExaminationOptions {
  std::string postfix_directory;  ///< Folder of main.cf; empty: Postfix's default, if there is one.
  std::string sendmail_file;      ///< sendmail.cf; empty: /etc/mail/sendmail.cf, if there is no Postfix.
  std::string config_file;        ///< For messages.
};

Findings examine(const Config& config, const ExaminationOptions& options, Time now);

/// Where the configuration cannot be read: that, and what can be seen without it.
Findings examine_without_configuration(const std::string& error);

}  // namespace suppressd
