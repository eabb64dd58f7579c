#include "suppressd/report/reader.h"

namespace suppressd {

bool reports_built_in() {
  return true;
}

Result<Report> read_report(std::string_view) {
  return Report{};
}

}  // namespace suppressd
