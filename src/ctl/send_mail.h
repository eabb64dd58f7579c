// Hands a mail to the MTA's sendmail command.
//
// Waits until it has ended. An Error names the program, and says how it ended.
#pragma once

#include <string>

#include "suppressd/base/result.h"

namespace suppressd::ctl {

/// `from`: an address, or `<>`.
Status send_mail(const std::string& program, const std::string& from, const std::string& to,
                 const std::string& text);

}  // namespace suppressd::ctl
