// Mails from wherever people keep them: a file with one mail, an mbox (both plain or compressed), a Maildir,
// a pipe, standard input.
#pragma once

#include <functional>
#include <string>

#include "suppressd/base/result.h"
#include "suppressd/core/collected_mail.h"

namespace suppressd::ctl {

/// Passes every mail of `path` (`-`: standard input) to `take`, with its name (in an mbox: `path#1` and so
/// on); `at` is when its file was last written, `now` for a pipe. A mail is cut at the size that the report
/// parser reads. Stops at the first error of `take`. Error: what cannot be read.
Status each_mail(const std::string& path, Time now,
                 const std::function<Status(const std::string& name, CollectedMail mail)>& take);

}  // namespace suppressd::ctl
