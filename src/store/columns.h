// The one list of columns that a row type has, and what comes from it: the SQL that selects, inserts, updates
// and dumps a row, the values that are bound, and those that are read.
//
// The list is a function. It is given a visitor and a row, and names each column with its place in the row:
// the primary key first, then all others in the order of the dump.
//
//   void columns(auto& column, RowOf<TrafficBucket> auto& bucket) {
//     column("provider", bucket.provider);
//     column("start", bucket.start);
//   }
//
// A list says `column(name, value)`; `column.word(name, value, from)` for an enumeration, which is stored by
// its name and keeps its value if the name is unknown; and `column.reference(name, id, dumped)` for the
// number of a row, 0 if there is none. Other types have a bind_column() and a read_column() of their own. A
// row that is made of several types has their lists one after another. Throws StoreFailure; used within the
// layer only.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/reply.h"

#include "database.h"
#include "statement.h"

namespace suppressd {

/// The row to read into, or the row that is bound.
template <typename Type, typename Row>
concept RowOf = std::same_as<std::remove_const_t<Type>, Row>;

/// SQL for what the dump shows of a column. nullptr: the dump leaves the column out.
using Dumped = std::string (*)(const std::string& column);
inline constexpr Dumped kNotDumped = nullptr;
std::string as_it_is(const std::string& column);
std::string as_time(const std::string& column);  ///< ISO 8601; NULL stays NULL.
std::string as_json(const std::string& column);

template <typename Value>
inline constexpr bool kIsTime = std::same_as<Value, Time> || std::same_as<Value, std::optional<Time>>;

/// The SQL of one table. Made once, and kept: statements are cached by their texts.
class TableSql {
 public:
  /// Of the lists of these types, one after another. The first `keys` columns are the primary key; without
  /// it there are only insertions. `also` is what else the dump shows, as arguments of json_object().
  template <typename... Rows>
  static TableSql of(const std::string& table, std::size_t keys = 0, std::string_view also = {});

  std::string insert;  ///< ?1 and so on are the columns in the order of the list, here and below.
  std::string update;  ///< Of all columns but the key.
  std::string upsert;  ///< insert, or update if the key is there.
  std::string dump;    ///< One JSON object per row, named `line`.

  /// `e.address, e.at, ...`: what read_columns() reads, up to the column `end`, without it.
  std::string list(const std::string& alias, std::string_view end = {}) const;
  int size() const { return static_cast<int>(columns_.size()); }

 private:
  struct Column {
    std::string name;
    Dumped dumped;
  };
  class Describe;

  TableSql(const std::string& table, std::size_t keys, std::string_view also, std::vector<Column> columns);

  std::vector<Column> columns_;
};

class TableSql::Describe {
 public:
  template <typename Value>
  void operator()(std::string_view name, const Value& /*value*/,
                  Dumped dumped = kIsTime<Value> ? as_time : as_it_is) {
    columns.push_back({std::string(name), dumped});
  }
  void word(std::string_view name, const auto& /*value*/, auto /*from*/, Dumped dumped = as_it_is) {
    (*this)(name, 0, dumped);
  }
  void reference(std::string_view name, std::int64_t /*id*/, Dumped dumped) { (*this)(name, 0, dumped); }

  std::vector<Column> columns;
};

template <typename... Rows>
TableSql TableSql::of(const std::string& table, std::size_t keys, std::string_view also) {
  Describe describe;
  const auto add = [&](auto row) { columns(describe, row); };
  (add(Rows{}), ...);
  return {table, keys, also, std::move(describe.columns)};
}

inline void bind_column(Statement& statement, int index, std::string_view value) {
  statement.bind_in_place(index, value);
}
template <typename Value>
requires std::integral<Value> || kIsTime<Value>
void bind_column(Statement& statement, int index, const Value& value) {
  if constexpr (std::integral<Value>)
    statement.bind(index, static_cast<std::int64_t>(value));
  else
    statement.bind(index, value);
}
inline void bind_column(Statement& statement, int index, EnhancedStatus value) {
  statement.bind(index, std::string_view{format_status(value)});
}

inline void read_column(const Statement& statement, int index, std::string& value) {
  value = statement.text(index);
}
template <std::integral Value>
void read_column(const Statement& statement, int index, Value& value) {
  value = static_cast<Value>(statement.integer(index));
}
inline void read_column(const Statement& statement, int index, Time& value) {
  value = statement.time(index);
}
inline void read_column(const Statement& statement, int index, std::optional<Time>& value) {
  value = statement.maybe_time(index);
}
inline void read_column(const Statement& statement, int index, EnhancedStatus& value) {
  value = parse_enhanced_status(statement.text(index)).value_or(EnhancedStatus{});
}

class BindColumns {
 public:
  explicit BindColumns(Statement& statement) : statement_(statement) {}

  void operator()(std::string_view /*name*/, const auto& value, Dumped /*dumped*/ = nullptr) {
    bind_column(statement_, ++index_, value);
  }
  template <typename Enum>
  void word(std::string_view /*name*/, Enum value, auto /*from*/, Dumped /*dumped*/ = nullptr) {
    statement_.bind_in_place(++index_, name_of(value));
  }
  template <typename Enum>
  void word(std::string_view /*name*/, std::optional<Enum> value, auto /*from*/) {
    statement_.bind_in_place(++index_, value ? name_of(*value) : std::string_view{});
  }
  void reference(std::string_view /*name*/, std::int64_t id, Dumped /*dumped*/) {
    statement_.bind(++index_, id != 0 ? std::optional(id) : std::nullopt);
  }

 private:
  Statement& statement_;
  int index_ = 0;
};

class ReadColumns {
 public:
  ReadColumns(const Statement& statement, int first)
      : statement_(statement), next_(first), end_(statement.columns()) {}

  void operator()(std::string_view /*name*/, auto&& value, Dumped /*dumped*/ = nullptr) {
    if (next_ < end_) read_column(statement_, next_++, value);
  }
  template <typename Enum>
  void word(std::string_view /*name*/, Enum& value, auto from, Dumped /*dumped*/ = nullptr) {
    if (next_ < end_) value = from(statement_.text(next_++)).value_or(value);
  }
  template <typename Enum>
  void word(std::string_view /*name*/, std::optional<Enum>& value, auto from) {
    if (next_ < end_) value = from(statement_.text(next_++));
  }
  void reference(std::string_view name, std::int64_t& id, Dumped /*dumped*/) { (*this)(name, id); }

 private:
  const Statement& statement_;
  int next_;
  int end_;
};

/// Reads the columns from `first` on, as many as the statement has.
template <typename... Rows>
void read_columns(const Statement& statement, int first, Rows&... rows) {
  ReadColumns read(statement, first);
  (columns(read, rows), ...);
}

/// Runs a statement of a TableSql. Copies no text.
template <typename... Rows>
void run_row(Database& database, std::string_view sql, const Rows&... rows) {
  Query query(database, sql);
  BindColumns bind(*query);
  (columns(bind, rows), ...);
  query.run();
}

/// Inserts (id 0) or updates a row with a number of its own; returns the number. Not INSERT OR REPLACE: it
/// copies each page that it changes first.
template <typename Row>
std::int64_t save_row(Database& database, const TableSql& sql, const Row& row) {
  run_row(database, row.id == 0 ? sql.insert : sql.update, row);
  return row.id != 0 ? row.id : database.last_insert_id();
}

}  // namespace suppressd
