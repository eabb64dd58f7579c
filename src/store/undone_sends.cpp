#include "undone_sends.h"

#include <string_view>
#include <unordered_map>

#include "suppressd/base/text.h"
#include "suppressd/core/category.h"
#include "suppressd/core/normal_text.h"

#include "evidence_rows.h"
#include "statement.h"

namespace suppressd {
namespace {

const std::string kInUndo =
    " FROM evidence AS e WHERE e.what = 'failed' AND e.at >= ?1 AND e.at < ?2"
    " AND (?3 = '' OR e.provider = ?3) AND (?4 = '' OR e.category = ?4) AND (?5 = '' OR e.rule = ?5)"
    " AND (?6 = '' OR substr(e.address, -length(?6) - 1) = '@' || ?6)"
    " AND (?7 = '' OR e.campaign = ?7) AND (?8 = '' OR e.source = ?8) AND (?9 = '' OR e.account = ?9)";

// A report about a send of which the log tells the end is no other send.
const std::string kEnded =
    " AND (e.ended_by IN ('bounced', 'expired') OR e.ended_by = 'report' AND NOT EXISTS"
    " (SELECT 1 FROM evidence AS b WHERE b.address = e.address AND b.queue_id = e.queue_id"
    " AND b.what = 'failed' AND b.ended_by IN ('bounced', 'expired') AND abs(b.entered - e.entered) <= "
    "3600))";

class InUndo {
 public:
  InUndo(Database& database, const std::string& sql, const UndoDetails& undo)
      : query_(database, sql, undo.since, undo.until, undo.provider,
               undo.category ? name_of(*undo.category) : std::string_view{}, undo.rule, undo.domain,
               undo.campaign, undo.source, undo.account),
        text_(undo.text) {}

  bool step() { return query_.step(); }
  Statement& row() { return *query_; }

  /// Servers repeat themselves, so a text is made normal once.
  bool says_it(std::string_view text) {
    if (text_.empty()) return true;
    if (const auto known = said_.find(text); known != said_.end()) return known->second;
    if (said_.size() >= kMostTexts) said_.clear();
    return said_.emplace(text, normal_text(text) == text_).first->second;
  }

 private:
  static constexpr std::size_t kMostTexts = 10000;

  Query query_;
  const std::string& text_;
  std::unordered_map<std::string, bool, TextHash, std::equal_to<>> said_;
};

}  // namespace

std::vector<std::string> undone_by(Database& database, const UndoDetails& undo) {
  static const std::string sql =
      "SELECT CASE e.against WHEN '' THEN e.address ELSE e.against END AS holder, e.text" + kInUndo +
      " AND e.action IN ('hard', 'soft') ORDER BY holder";
  std::vector<std::string> addresses;
  InUndo failures(database, sql, undo);
  while (failures.step()) {
    const auto address = failures.row().text(0);
    if ((addresses.empty() || addresses.back() != address) && failures.says_it(failures.row().text(1)))
      addresses.emplace_back(address);
  }
  return addresses;
}

void each_lost(Database& database, const UndoDetails& undo,
               const std::function<void(const Evidence&)>& take) {
  static const std::string sql =
      "SELECT " + evidence_sql().list("e") + kInUndo + kEnded + " ORDER BY e.at, e.queue_id, e.address, e.id";
  InUndo failures(database, sql, undo);
  while (failures.step()) {
    const auto evidence = read_evidence(failures.row());
    if (failures.says_it(evidence.outcome.reason.text)) take(evidence);
  }
}

}  // namespace suppressd
