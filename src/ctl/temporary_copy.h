// A copy of the database for a dry run, in a temporary folder that is removed at the end.
//
// Made through SQLite's backup interface from one read transaction, so that writers do not wait and the
// copy is of one moment. One thread. Errors say what to do if the folder is full or not writable (TMPDIR).
#pragma once

#include <string>

#include "suppressd/base/result.h"
#include "suppressd/store/ledger.h"
#include "suppressd/store/reader.h"

namespace suppressd::ctl {

class TemporaryCopy {
 public:
  /// Of the database at `path`, or an empty one if there is none.
  static Result<TemporaryCopy> make(const std::string& path);

  TemporaryCopy(TemporaryCopy&& other) noexcept;
  TemporaryCopy& operator=(TemporaryCopy&&) = delete;
  ~TemporaryCopy();

  Result<Ledger> open() const;
  Result<Reader> open_for_reading() const;

 private:
  explicit TemporaryCopy(std::string folder) : folder_(std::move(folder)) {}
  std::string file() const { return folder_ + "/copy.db"; }
  Status fill_from(const std::string& path) const;

  std::string folder_;
};

}  // namespace suppressd::ctl
