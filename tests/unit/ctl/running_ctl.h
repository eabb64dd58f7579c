// The suppressctl that was built, run in a folder of its own, as a script would run it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace suppressd::ctl {

struct Ran {
  int status = -1;  ///< Exit status; -1: killed by a signal.
  std::string out;
  std::string err;

  std::vector<std::string> lines() const;
  /// Every line of `out`, which must all be JSON objects.
  std::vector<nlohmann::json> objects() const;
};

/// A folder with a configuration file; the database in it does not exist until a command makes it.
class CtlTest : public testing::Test {
 protected:
  CtlTest();
  ~CtlTest() override;

  /// Runs with `--config` and `--db` of the folder in front.
  Ran ctl(std::vector<std::string> arguments, std::string_view input = {});
  /// Runs with these arguments alone.
  Ran ctl_bare(std::vector<std::string> arguments, std::string_view input = {});

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, std::string_view text) const;
  bool is_refused(const std::string& address) { return ctl({"check", address}).status == 1; }
  /// One SQL statement, as an operator would give it to sqlite3.
  void sql(const std::string& statement) const;

  std::vector<std::string> environment_ = {"PATH=/usr/bin:/bin", "TZ=UTC"};

 private:
  std::filesystem::path folder_;
};

/// Log lines of one message from the sender app@example.test that was queued and tried once.
/// `answer` is from `dsn=` on: `dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.1] said: 550 5.1.1
/// User unknown)`.
std::string postfix_message(const std::string& time, const std::string& queue_id,
                            const std::string& recipient, const std::string& answer,
                            const std::string& relay = "mx.example.net[192.0.2.1]:25");

inline const std::string kDead =
    "dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.1] said: 550 5.1.1 User unknown (in reply to "
    "RCPT TO command))";
inline const std::string kFull =
    "dsn=5.2.2, status=bounced (host mx.example.net[192.0.2.1] said: 552 5.2.2 Mailbox full (in reply to "
    "RCPT TO command))";
inline const std::string kSent = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ABC)";

}  // namespace suppressd::ctl
