// Exim's main log (its specification, chapter "Log files"; Exim 4.40 to 4.98).
//
// `<=` a message came in, `=>` and `->` a delivery, `**` a failure, `==` a deferral, `Completed`. Only
// deliveries to a host (`H=`) count. The instance of the queue key is always `exim`. Pure, safe from any
// thread. Private to this layer.
#pragma once

#include "suppressd/mta/dialect.h"

namespace suppressd {

extern const Dialect kExim;

}  // namespace suppressd
