// What is wrong with Postfix's configuration, for suppressd. Pure functions over what was read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "suppressd/doctor/finding.h"

#include "milter_place.h"
#include "postfix_settings.h"

namespace suppressd {

struct PostfixFacts {
  PostfixSettings settings;
  std::string directory;                     ///< Of main.cf; empty: Postfix's own default.
  MilterPlace place;                         ///< Where suppressd listens.
  std::vector<std::string> inbound_daemons;  ///< milter.inbound_daemons
  bool trace = true;                         ///< trace.enabled
  std::vector<std::string> relays;           ///< mta.relays
  /// Names in the tables of alias_maps and virtual_alias_maps that lead to other addresses, by the table.
  std::map<std::string, std::string> lists;
  bool transport_checks = false;  ///< transport_maps queries suppressd's database.
};

/// A socket that a service of Postfix asks suppressd at.
struct MilterUse {
  std::string user;  ///< Of the socket: `smtpd of submission`, `cleanup (non_smtpd_milters)`
  std::string endpoint;
  std::string path;  ///< As the host sees it; empty: no unix socket.
  bool chroot = false;
  const PostfixService* service = nullptr;  ///< That names it; nullptr: non_smtpd_milters.
};

/// Each socket once for services in a chroot, and once for others.
std::vector<MilterUse> milter_uses(const PostfixFacts& facts);

Findings postfix_findings(const PostfixFacts& facts);

/// `postconf -e 'name = value'` and the like, with the configuration's folder.
std::string postconf_command(const PostfixFacts& facts, const std::string& options,
                             const std::string& setting);
/// The commands that give a service the list `items`. postconf -P takes no blanks in a value: items that have
/// some become a parameter of main.cf.
std::string service_list_command(const PostfixFacts& facts, const PostfixService& service,
                                 const std::string& name, const std::vector<std::string>& items);
std::string reload_command(const PostfixFacts& facts);
/// The command that replaces `endpoint` by `wanted` in the list that a service uses.
std::string replace_endpoint(const PostfixFacts& facts, const MilterUse& use, const std::string& wanted);

}  // namespace suppressd
