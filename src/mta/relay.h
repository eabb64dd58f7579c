// `relay=` of either dialect: the host that accepted or refused the connection.
//
// `mx.example.com[192.0.2.1]:25`, `host[/path]`, `none`, `192.0.2.1:2525`; Sendmail's
// `mx.example.com. [192.0.2.1]`, `[192.0.2.1] [192.0.2.1]`, `[mx.example.com]`. Pure, safe from any
// thread.
#pragma once

#include <string_view>

#include "suppressd/core/event.h"

namespace suppressd {

/// Never fails: a text of no known form is a host name. A trailing dot is removed.
Relay read_relay(std::string_view text);

}  // namespace suppressd
