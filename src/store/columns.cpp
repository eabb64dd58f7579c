#include "columns.h"

#include <utility>

namespace suppressd {
namespace {

/// `one`, for each column from `begin` on, with what stands between them. `one` is given name and number.
template <typename Columns, typename One>
std::string joined(const Columns& columns, std::size_t begin, std::size_t end, std::string_view between,
                   One one) {
  std::string text;
  for (auto i = begin; i < end; ++i) {
    if (i > begin) text += between;
    text += one(columns[i].name, "?" + std::to_string(i + 1));
  }
  return text;
}

}  // namespace

std::string as_it_is(const std::string& column) {
  return column;
}

std::string as_time(const std::string& column) {
  return "strftime('%Y-%m-%dT%H:%M:%SZ', " + column + ", 'unixepoch')";
}

std::string as_json(const std::string& column) {
  return "json(" + column + ")";
}

TableSql::TableSql(const std::string& table, std::size_t keys, std::string_view also,
                   std::vector<Column> columns)
    : columns_(std::move(columns)) {
  const auto all = columns_.size();
  const auto name = [](const std::string& column, const std::string&) { return column; };
  const auto number = [](const std::string&, const std::string& parameter) { return parameter; };
  const auto equal = [](const std::string& column, const std::string& parameter) {
    return column + " = " + parameter;
  };
  const auto excluded = [](const std::string& column, const std::string&) {
    return column + " = excluded." + column;
  };
  insert = "INSERT INTO " + table + "(" + joined(columns_, 0, all, ", ", name) + ") VALUES (" +
           joined(columns_, 0, all, ", ", number) + ")";
  update = "UPDATE " + table + " SET " + joined(columns_, keys, all, ", ", equal) + " WHERE " +
           joined(columns_, 0, keys, " AND ", equal);
  upsert = insert + " ON CONFLICT (" + joined(columns_, 0, keys, ", ", name) + ") DO UPDATE SET " +
           joined(columns_, keys, all, ", ", excluded);
  dump = "SELECT json_object('table', '" + table + "'";
  for (const auto& column : columns_)
    if (column.dumped != kNotDumped)
      dump += ", '" + column.name + "', " + column.dumped(table + "." + column.name);
  dump.append(also);
  dump += ") AS line FROM " + table;
}

std::string TableSql::list(const std::string& alias, std::string_view end) const {
  std::size_t count = 0;
  while (count < columns_.size() && columns_[count].name != end) ++count;
  return joined(columns_, 0, count, ", ",
                [&](const std::string& name, const std::string&) { return alias + "." + name; });
}

}  // namespace suppressd
