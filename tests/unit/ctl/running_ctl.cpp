#include "running_ctl.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <sqlite3.h>

namespace suppressd::ctl {
namespace {

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::vector<std::string> Ran::lines() const {
  std::vector<std::string> found;
  std::istringstream stream(out);
  for (std::string line; std::getline(stream, line);) found.push_back(line);
  return found;
}

std::vector<nlohmann::json> Ran::objects() const {
  std::vector<nlohmann::json> found;
  for (const auto& line : lines()) found.push_back(nlohmann::json::parse(line));
  return found;
}

CtlTest::CtlTest() {
  std::string folder = (std::filesystem::temp_directory_path() / "unit_ctl-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw std::runtime_error("mkdtemp failed");
  folder_ = folder;
  environment_.push_back("TMPDIR=" + folder);
  // This machine's own addresses may be any.
  write("suppressd.conf", "[mta]\nlocal_relays = [\"127.0.0.1\"]\n");
}

CtlTest::~CtlTest() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string CtlTest::write(const std::string& name, std::string_view text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

Ran CtlTest::ctl(std::vector<std::string> arguments, std::string_view input) {
  std::vector<std::string> all = {"--config", path("suppressd.conf"), "--db", path("test.db")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return ctl_bare(std::move(all), input);
}

Ran CtlTest::ctl_bare(std::vector<std::string> arguments, std::string_view input) {
  arguments.insert(arguments.begin(), SUPPRESSCTL);
  const auto in = write("stdin", input);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path("stdout").c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, path("stderr").c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  auto environment = environment_;
  pid_t child = 0;
  const int failed = posix_spawn(&child, SUPPRESSCTL, &actions, nullptr, pointers_to(arguments).data(),
                                 pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot run " SUPPRESSCTL);
  int status = 0;
  waitpid(child, &status, 0);
  return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = contents_of(path("stdout")),
          .err = contents_of(path("stderr"))};
}

void CtlTest::sql(const std::string& statement) const {
  sqlite3* database = nullptr;
  char* message = nullptr;
  if (sqlite3_open(path("test.db").c_str(), &database) != SQLITE_OK ||
      sqlite3_exec(database, statement.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
    ADD_FAILURE() << statement << ": " << (message ? message : "cannot open the database");
  }
  sqlite3_free(message);
  sqlite3_close(database);
}

std::string postfix_message(const std::string& time, const std::string& queue_id,
                            const std::string& recipient, const std::string& answer,
                            const std::string& relay) {
  const std::string head = time + " mta postfix/";
  return head + "smtpd[10]: " + queue_id + ": client=app.example.test[192.0.2.9]\n" +  //
         head + "qmgr[11]: " + queue_id +
         ": from=<app@example.test>, size=300, nrcpt=1 (queue active)\n" +  //
         head + "smtp[12]: " + queue_id + ": to=<" + recipient + ">, relay=" + relay +
         ", delay=0.1, delays=0/0/0/0.1, " + answer + "\n" + head + "qmgr[11]: " + queue_id + ": removed\n";
}

}  // namespace suppressd::ctl
