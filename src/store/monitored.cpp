#include "monitored.h"

#include "failure.h"

namespace suppressd {
namespace {

const std::string kNotes = " FROM refusal WHERE outcome = 'monitored' AND at >= ?1";

// Kind and category are those of the first note (SQLite: bare columns beside min()).
const std::string kFirst =
    "WITH first AS (SELECT address, min(at) AS at, kind, category, count(*) AS recipients" + kNotes +
    " GROUP BY address) ";
const std::string kLater =  // of people who neither complained nor unsubscribed
    " FROM first AS f JOIN recipient AS r ON r.address = f.address WHERE r.last_delivery >= f.at"
    " AND f.kind IN ('hard', 'soft', 'manual')";  // mail to others is delivered, whether or not they want it

}  // namespace

Result<Monitored> monitored(Database& database, Time since) {
  return guarded(database, [&] {
    const ReadTransaction one_moment(database);
    Monitored found;
    Query mode(database, "SELECT value FROM meta WHERE name = 'milter.mode'");
    if (mode.step()) found.mode = mode->text(0);
    Query all(database, "SELECT count(*), count(DISTINCT address)" + kNotes, since);
    all.step();
    found.recipients = all->integer(0);
    found.addresses = all->integer(1);
    Query kinds(database,
                "SELECT kind, count(*), count(DISTINCT address)" + kNotes + " GROUP BY 1 ORDER BY 2 DESC, 1",
                since);
    while (kinds.step())
      found.kinds.push_back({.kind = std::string(kinds->text(0)),
                             .recipients = kinds->integer(1),
                             .addresses = kinds->integer(2)});
    Query later(database, kFirst + "SELECT count(*)" + kLater, since);
    later.step();
    found.delivered_later = later->integer(0);
    Query delivered(database,
                    kFirst + "SELECT f.address, f.kind, f.category, f.at, r.last_delivery, f.recipients" +
                        kLater + " ORDER BY f.recipients DESC, f.address LIMIT ?2",
                    since, Monitored::kShown);
    while (delivered.step())
      found.delivered.push_back({.address = std::string(delivered->text(0)),
                                 .kind = std::string(delivered->text(1)),
                                 .category = std::string(delivered->text(2)),
                                 .refused = delivered->time(3),
                                 .delivered = delivered->time(4),
                                 .recipients = delivered->integer(5)});
    return found;
  });
}

}  // namespace suppressd
