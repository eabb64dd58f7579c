#include "suppressd/report/reader.h"

namespace suppressd {

bool reports_built_in() {
  return false;
}

Result<Report> read_report(std::string_view) {
  return Error{
      "this suppressd was built without GMime and cannot read bounces and complaints that come as mail"};
}

}  // namespace suppressd
