#include "suppressd/core/advice.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

/// Somebody who lists senders; found in replies by a part of his name or of his zone, in lower case.
struct ListRow {
  std::string_view pattern;
  std::string_view name;
  std::string_view page;
};

constexpr ListRow kLists[] = {
    {"spamhaus", "Spamhaus", "https://check.spamhaus.org/"},
    {"spamcop", "SpamCop", "https://www.spamcop.net/bl.shtml"},
    {"barracuda", "Barracuda", "https://www.barracudacentral.org/lookups"},
    {"sorbs", "SORBS", "http://www.sorbs.net/lookup.shtml"},
    {"uceprotect", "UCEPROTECT", "https://www.uceprotect.net/en/rblcheck.php"},
    {"proofpoint", "Proofpoint", "https://ipcheck.proofpoint.com/"},
    {"pphosted", "Proofpoint", "https://ipcheck.proofpoint.com/"},
    {"cloudmark", "Cloudmark", "https://csi.cloudmark.com/en/reset/"},
    {"s3140", "Microsoft (S3140)", "https://olcsupport.office.com/"},
    {"s3150", "Microsoft (S3150)", "https://olcsupport.office.com/"},
    {"5.7.606", "Microsoft 365", "https://sender.office.com/"},
    {"5.7.511", "Microsoft 365", "https://sender.office.com/"},
    {"abusix", "Abusix", "https://lookup.abusix.com/"},
    {"psbl", "PSBL", "https://psbl.org/"},
    {"invaluement", "invaluement", "https://www.invaluement.com/lookup/"},
    {"senderscore", "Sender Score", "https://senderscore.org/"},
    {"senderbase", "Cisco Talos", "https://talosintelligence.com/reputation_center"},
    {"talosintelligence", "Cisco Talos", "https://talosintelligence.com/reputation_center"},
    {"messagelabs", "Symantec", "https://ipremoval.sms.symantec.com/"},
    {"symantec", "Symantec", "https://ipremoval.sms.symantec.com/"},
    {"mail-abuse.org", "Trend Micro", "https://servicecentral.trendmicro.com/en-us/ers/ip-lookup/"},
    {"trendmicro", "Trend Micro", "https://servicecentral.trendmicro.com/en-us/ers/ip-lookup/"},
    {"fortiguard", "FortiGuard", "https://www.fortiguard.com/services/antispam"},
};

/// A check that failed, found by a status or a code.
struct CheckRow {
  std::string_view pattern;
  std::string_view what;
  std::string_view page;
};

constexpr std::string_view kGmail = "https://support.google.com/a/answer/81126";
constexpr std::string_view kOutlook = "https://sendersupport.olc.protection.outlook.com/pm/policies.aspx";
constexpr std::string_view kYahoo = "https://senders.yahooinc.com/smtp-error-codes/";

constexpr CheckRow kChecks[] = {
    {".7.25 ", "Gmail: our host's address has no PTR record, or that does not lead back to it", kGmail},
    {".7.26 ",
     "Gmail: SPF and DKIM of the sender domain; one of them must pass, and agree with From: (DMARC)", kGmail},
    {".7.27 ", "Gmail: SPF of the sender domain does not name our host", kGmail},
    {".7.28 ", "Gmail: too much of our mail is reported as spam; see the spam rate in Postmaster Tools",
     "https://postmaster.google.com/"},
    {".7.29 ", "Gmail: the connection must be encrypted (smtp_tls_security_level = may)", kGmail},
    {".7.30 ", "Gmail: the DKIM signature of the sender domain is missing or wrong", kGmail},
    {".7.31 ", "Gmail: the sender domain has no DMARC record", kGmail},
    {".7.32 ", "Gmail: From: is not of the domain that SPF or DKIM proves (DMARC)", kGmail},
    {"5.7.515", "Microsoft: SPF, DKIM and DMARC of the sender domain must all pass", kOutlook},
    {"5.7.509", "Microsoft: the sender domain's own DMARC record says to reject this mail", kOutlook},
    {"[ts0", "Yahoo: our mail is deferred for complaints or volume; send less and slower there", kYahoo},
    {"[tss", "Yahoo: our mail is deferred for complaints or volume; send less and slower there", kYahoo},
};

struct PageRow {
  std::string_view provider;
  std::string_view page;
};

constexpr PageRow kPages[] = {
    {"google.com", "https://postmaster.google.com/"},
    {"googlemail.com", "https://postmaster.google.com/"},
    {"gmail.com", "https://postmaster.google.com/"},
    {"outlook.com", "https://sendersupport.olc.protection.outlook.com/pm/"},
    {"hotmail.com", "https://sendersupport.olc.protection.outlook.com/pm/"},
    {"live.com", "https://sendersupport.olc.protection.outlook.com/pm/"},
    {"yahoodns.net", "https://senders.yahooinc.com/"},
    {"yahoo.com", "https://senders.yahooinc.com/"},
    {"icloud.com", "https://support.apple.com/en-us/102322"},
    {"apple.com", "https://support.apple.com/en-us/102322"},
    {"gmx.net", "https://postmaster.gmx.net/"},
    {"gmx.com", "https://postmaster.gmx.net/"},
    {"web.de", "https://postmaster.web.de/"},
    {"1und1.de", "https://postmaster.1und1.de/"},
    {"1and1.com", "https://postmaster.1und1.de/"},
    {"kundenserver.de", "https://postmaster.1und1.de/"},
    {"ionos.de", "https://postmaster.1und1.de/"},
    {"ionos.com", "https://postmaster.1und1.de/"},
    {"t-online.de", "https://postmaster.t-online.de/"},
    {"comcast.net", "https://postmaster.comcast.net/"},
    {"mail.ru", "https://postmaster.mail.ru/"},
};

}  // namespace

std::string finding(const Incident& incident) {
  const auto& span = incident.span;
  const auto failed = std::to_string(span.failed);
  const auto sends = std::to_string(span.sends);
  switch (incident.kind) {
    case IncidentKind::sender:
      return failed + " of " + sends +
             " sends within an hour were refused because of who we are or what we send";
    case IncidentKind::local:
      return "no server of " + failed + " of " + sends +
             " domains that took mail before could be found or reached within ten minutes";
    case IncidentKind::provider:
      break;
  }
  return failed + " of " + sends + " sends to addresses that took mail before failed hard";
}

std::vector<Advice> where_to_look(const Incident& incident) {
  if (incident.kind == IncidentKind::local)
    return {{.what = "the resolver (/etc/resolv.conf) and the network of " + incident.side.host, .page = {}}};
  auto found = incident.kind == IncidentKind::sender ? advice_in(incident.example) : std::vector<Advice>{};
  found.push_back(advice_at(incident.place.provider));
  return found;
}

std::vector<Advice> advice_in(std::string_view reply) {
  const auto words = to_lower(reply) + ' ';
  std::vector<Advice> found;
  const auto add = [&](std::string what, std::string_view page) {
    Advice advice{.what = std::move(what), .page = std::string(page)};
    if (std::ranges::find(found, advice) == found.end()) found.push_back(std::move(advice));
  };
  for (const auto& [pattern, name, page] : kLists)
    if (words.find(pattern) != std::string::npos)
      add(std::string(name) + ": whether our address or domain is listed, and how to be removed", page);
  for (const auto& [pattern, what, page] : kChecks)
    if (words.find(pattern) != std::string::npos) add(std::string(what), page);
  return found;
}

Advice advice_at(std::string_view provider) {
  const auto* const found = std::ranges::find(kPages, provider, &PageRow::provider);
  if (found != std::end(kPages))
    return {.what = "what " + std::string(provider) + " says to senders", .page = std::string(found->page)};
  return {.what = "the postmaster or status page of " + std::string(provider),
          .page = "postmaster@" + std::string(provider)};
}

}  // namespace suppressd
