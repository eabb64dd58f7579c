// Who wrote a mail, by its header: a mail system, an answering machine, or a person. Private to this layer.
#pragma once

#include "mail_header.h"

namespace suppressd::report {

enum class Origin {
  other,
  null_sender,  ///< RFC 5321 section 4.5.5: a report, or an automatic answer.
  mail_system,  ///< Written by a server, as address or subject say.
};
Origin origin_of(const MailHeader& header);
/// The envelope sender is there and is empty, or a mail system's.
bool has_null_path(const MailHeader& header);

/// By its subject it tells of a failure, and does not answer one.
bool has_subject_of_failure(const MailHeader& header);

/// By its subject it answers in a person's name, whoever sends it, and tells of no failure.
bool has_subject_of_answer(const MailHeader& header);

/// An automatic answer in a person's name (RFC 3834): it says so, or has the null sender without being a server's.
bool is_automatic_answer(const MailHeader& header, Origin origin);

}  // namespace suppressd::report
