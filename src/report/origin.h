// Who wrote a mail, by its header: a mail system, an answering machine, or a person. Private to this layer.
#pragma once

#include <string>

#include "mail_header.h"

namespace suppressd::report {

enum class Origin {
  other,
  null_sender,  ///< RFC 5321 section 4.5.5: a report, or an automatic answer.
  mail_system,  ///< Written by a server, as address or subject say.
};
/// `returned` is the message that the mail returns, if any. Whoever writes is alive: a recipient of that
/// message is not a mail system.
Origin origin_of(const MailHeader& header, const MailHeader* returned = nullptr);
/// The address in From, canonical, unless its name is that of a server; empty: none. A person's mail is
/// never a report about that person's mailbox.
std::string living_writer(const MailHeader& header);
/// The envelope sender is known and is empty, or a mail system's.
bool has_null_path(const MailHeader& header);

/// The envelope sender is an address, or the subject begins as that of an answer: reports have neither.
bool is_sent_by_hand(const MailHeader& header);

/// By its subject it reports a failure, and does not answer a report. The subject of `returned` does not
/// count.
bool has_subject_of_failure(const MailHeader& header, const MailHeader* returned = nullptr);

/// By its subject it answers in a person's name, whoever sends it, and reports no failure.
bool has_subject_of_answer(const MailHeader& header, const MailHeader* returned = nullptr);

/// An automatic answer in a person's name (RFC 3834): it says so, or has the null sender without being a
/// server's.
bool is_automatic_answer(const MailHeader& header, Origin origin);

}  // namespace suppressd::report
