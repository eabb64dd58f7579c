#include "suppressd/store/exemptions.h"

#include "evidence_rows.h"
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

Result<bool> add_exemption(Database& database, const Exemption& exemption) {
  return guarded(database, [&] {
    database.synchronous_full(true);
    Transaction transaction(database);
    run(database,
        "INSERT INTO exemption(address, since, note, actor) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (address) DO "
        "NOTHING",
        exemption.address, exemption.since, exemption.note, exemption.actor);
    if (database.changes() == 0) return false;
    insert_change(database, {.at = exemption.since,
                             .address = exemption.address,
                             .act = "exempted",
                             .actor = exemption.actor,
                             .cause = exemption.note.empty() ? "by hand" : exemption.note});
    transaction.commit();
    return true;
  });
}

Result<bool> remove_exemption(Database& database, std::string_view address, std::string_view actor,
                              Time now) {
  return guarded(database, [&] {
    database.synchronous_full(true);
    Transaction transaction(database);
    run(database, "DELETE FROM exemption WHERE address = ?1", address);
    if (database.changes() == 0) return false;
    insert_change(database, {.at = now,
                             .address = std::string(address),
                             .act = "unexempted",
                             .actor = std::string(actor),
                             .cause = "by hand"});
    transaction.commit();
    return true;
  });
}

}  // namespace suppressd
