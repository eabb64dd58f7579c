#include "suppressd/report/mbox.h"

#include <re2/re2.h>

namespace suppressd {

bool is_mbox_line(std::string_view line) {
  static const RE2 form(
      "From .*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[A-Z0-9][a-z0-9]* +[A-Z0-9][a-z0-9]* +[0-9:]{4,8}.*",
      RE2::Quiet);
  return line.starts_with("From ") && RE2::FullMatch({line.data(), line.size()}, form);
}

}  // namespace suppressd
