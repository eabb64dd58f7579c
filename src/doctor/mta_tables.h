// What the MTA's tables say: members of lists, and whether a transport map queries suppressd's database.
//
// Reads the text files from which the tables are made. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

/// Some names in the table `hash:/etc/aliases` that lead to several addresses, to an address elsewhere, or to
/// a file of members; empty: none, or no file that can be read.
std::string lists_in(const std::string& table);
/// The same, of the text of a table. Pure.
std::string lists_in_text(std::string_view text);

/// Whether one of the tables is a query of suppressd's database.
bool queries_suppressd(const std::vector<std::string>& tables);

}  // namespace suppressd
