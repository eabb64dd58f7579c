#include "exemption_rows.h"
#include "failure.h"

namespace suppressd {

Result<std::vector<Exemption>> list_exemptions(Database& database) {
  return guarded(database, [&] {
    std::vector<Exemption> exemptions;
    Query query(database, "SELECT address, since, note, actor FROM exemption ORDER BY address");
    while (query.step())
      exemptions.push_back({.address = std::string(query->text(0)),
                            .since = query->time(1),
                            .note = std::string(query->text(2)),
                            .actor = std::string(query->text(3))});
    return exemptions;
  });
}

}  // namespace suppressd
