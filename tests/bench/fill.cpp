// bench_fill DATABASE COUNT: a list of COUNT hard entries in the real schema, loaded in the order of the key.
//
// Goes on where an interrupted run stopped. Evidence and audit rows, which no look-up reads, are left out.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "database.h"
#include "entries.h"
#include "statement.h"

namespace {

using namespace suppressd;

constexpr std::uint64_t kBatch = 200000;
constexpr std::int64_t kSince = 1767225600;  // 2026-01-01T00:00:00Z

std::uint64_t rows_so_far(Database& database) {
  Query newest(database, "SELECT address FROM suppression ORDER BY address DESC LIMIT 1");
  if (!newest.step()) return 0;
  const std::string address(newest->text(0));
  return std::strtoull(address.c_str() + 4, nullptr, 10) + 1;
}

void insert(Database& database, std::uint64_t number) {
  Query(database,
        "INSERT INTO suppression(address, kind, category, rule, provider, since, ref, actor)"
        " VALUES (?1, 'hard', 'bad-mailbox', 'user-unknown', 'example', ?2, ?3, 'suppressd')",
        bench::entry(number), kSince, "b" + std::to_string(number))
      .run();
}

void fill(Database& database, std::uint64_t count) {
  database.synchronous_full(false);
  for (auto next = rows_so_far(database); next < count;) {
    Transaction transaction(database);
    for (const auto end = std::min(count, next + kBatch); next < end; ++next) insert(database, next);
    transaction.commit();
  }
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bench_fill DATABASE COUNT\n";
    return 2;
  }
  auto database = Database::open(argv[1], Database::Mode::create);
  if (!database) {
    std::cerr << database.error().message << '\n';
    return 2;
  }
  try {
    fill(*database, std::strtoull(argv[2], nullptr, 10));
  } catch (const StoreFailure& failure) {
    std::cerr << argv[1] << ": " << failure.message << '\n';
    return 2;
  }
  return 0;
}
