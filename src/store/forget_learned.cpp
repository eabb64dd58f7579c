// Ledger::forget_learned().
#include "failure.h"
#include "ledger_state.h"

namespace suppressd {

Status Ledger::forget_learned() {
  auto& database = state_->database;
  return guarded(database, [&] {
    Transaction transaction(database);
    for (const auto* table :
         {"recipient",   "evidence",   "message",     "send",       "waiting",  "delivery",
          "unproven",    "line_count", "line_sample", "audit",      "refusal",  "refusal_day",
          "cursor",      "gap",        "traffic",     "known_good", "incident", "local_attempt",
          "sender_send", "domain",     "rate",        "alert",      "probe",    "tag_note"})
      database.execute("DELETE FROM " + std::string(table));
    run(database, "DELETE FROM suppression WHERE actor = ?1", kProgram);
    // So that the next event of these addresses is folded, and not gathered.
    run(database,
        "INSERT INTO recipient(address, events) SELECT address, count(*) FROM"
        " (SELECT address FROM act_address UNION ALL SELECT address FROM suppression"
        " WHERE kind IN ('hard', 'soft', 'complaint')) WHERE address NOT GLOB '@*' GROUP BY address");
    run(database, "DELETE FROM meta WHERE name IN ('known_good_since')");
    run(database, "UPDATE meta SET value = value + 1 WHERE name = 'learning'");
    transaction.commit();
  });
}

}  // namespace suppressd
