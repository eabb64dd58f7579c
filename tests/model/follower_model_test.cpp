// Random programs of a writer, a rotation and a follower that is stopped, killed and started again, against a
// tiny model.
//
// The model: every complete line is learned once and in order. Lines that were destroyed before they were
// learned may be missing, and then there must be a gap; where nothing was destroyed there must be none. What
// a running follower has open is not destroyed by a removal. Started at the end for the very first time, it
// need not learn what was there. SUPPRESSD_MODEL_PROGRAMS says how many programs run; the seed of one that
// fails is printed, and SUPPRESSD_MODEL_SEED runs it alone, with every step.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "suppressd/source/file_follower.h"

#include "../unit/source/log_fixture.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

enum class Scheme { numbers, dates, link };

/// How often something happened in all programs: what never happens is not tested.
class Tally {
 public:
  void add(const std::string& what) {
    const std::scoped_lock lock(mutex_);
    ++counts_[what];
  }
  void print() const {
    for (const auto& [what, count] : counts_) std::cout << what << ": " << count << "\n";
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

class Program {
 public:
  Program(std::uint32_t seed, bool told, Tally& tally) : random_(seed), told_(told), tally_(tally) {
    scheme_ = static_cast<Scheme>(random_() % 3);
    start_ = random_() % 4 == 0 ? StartAt::end : StartAt::beginning;
    appends_ = random_() % 5 != 0;
    if (scheme_ == Scheme::link) {
      current_ = folder_ / date_name("mail-", ".log");
      fs::create_symlink(current_, log_);
    } else {
      current_ = log_;
    }
    open_writer();
  }
  ~Program() { close(writer_); }

  /// Runs it, and returns what is wrong; empty: nothing.
  std::string run() {
    if (start_ == StartAt::end) {
      for (auto steps = random_() % 5; steps > 0; --steps) step();
    }
    start();
    const int steps = 5 + static_cast<int>(random_() % 60);
    for (int i = 0; i < steps && wrong_.empty(); ++i) step();
    if (wrong_.empty()) finish();
    return wrong_;
  }

 private:
  void step() {
    const auto dice = random_() % 100;
    if (dice < 25) return write_lines();
    if (dice < 33) return write_part();
    if (dice < 53) return read();
    if (dice < 63) return follower_ ? stop() : start();
    if (dice < 67) return fail_commit();
    if (dice < 80) return rotate();
    if (dice < 86) return compress();
    if (dice < 92) return reopen_writer();
    if (dice < 94) return prune();
    if (dice < 96) return copytruncate();
    if (dice < 97) return truncate();
    if (dice < 98) return remove_and_make();
    if (dice < 99) return replace();
    write_long();
  }

  // The writer.

  void put(const std::string& text) {
    if (::write(writer_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      wrong_ = "the disk is full";
  }
  void open_writer() {
    // A writer that does not append leaves a hole of NULs when its file is truncated.
    writer_ = open(current_.c_str(), O_WRONLY | (appends_ ? O_APPEND : 0) | O_CREAT | O_CLOEXEC, 0644);
    if (!appends_) lseek(writer_, 0, SEEK_END);
    written_to_ = current_;
    struct stat status {};
    if (fstat(writer_, &status) == 0 && status.st_size == 0 && !inodes_.insert(status.st_ino).second) {
      tally_.add(follower_ ? "an inode came back under a running follower" : "an inode came back");
    }
  }
  std::string new_line() {
    const std::size_t length = random_() % 30 == 0 ? random_() % 20'000 : random_() % 60;
    ++last_line_;
    written_at_[last_line_] = now();
    return "L" + std::to_string(last_line_) + " " + filler("x", last_line_, length) + ".\n";
  }
  static Time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }
  /// No two lines end alike, as lines that contain a time: a stream is known by the bytes before the cursor.
  static std::string filler(const std::string& mark, int number, std::size_t length) {
    std::string text;
    while (text.size() < length) text += mark + std::to_string(number);
    return text;
  }
  void complete(const std::string& line) { files_[written_to_].push_back(std::stoi(line.substr(1))); }
  void finish_line() {
    if (rest_.empty()) return;
    put(rest_);
    if (!torn_) files_[written_to_].push_back(last_line_);
    rest_.clear();
    torn_ = false;
  }
  void write_lines() {
    finish_line();
    const auto count = random_() % 6;
    say("write " + std::to_string(count) + " lines after L" + std::to_string(last_line_));
    for (unsigned i = 0; i < count; ++i) {
      const std::string line = new_line();
      put(line);
      complete(line);
    }
  }
  void write_part() {
    finish_line();
    const std::string line = new_line();
    const std::size_t cut = 1 + random_() % (line.size() - 1);
    say("write a part of L" + std::to_string(last_line_));
    put(line.substr(0, cut));
    rest_ = line.substr(cut);
  }
  void write_long() {
    finish_line();
    say("write a line that is too long");
    put(filler("y", ++long_lines_, 600'000) + "\n");
  }
  void reopen_writer() {
    if (fs::exists(log_) && written_to_ == current_) return;
    finish_line();
    say("the writer goes over to the new log");
    close(writer_);
    open_writer();
  }

  // The rotation.

  std::string date_name(const std::string& before, const std::string& after) {
    const std::string day = std::to_string(++rotations_ % 28 + 1);
    const std::string month = std::to_string(rotations_ / 28 + 1);
    return before + "2026" + std::string(2 - month.size(), '0') + month + std::string(2 - day.size(), '0') +
           day + after;
  }
  void move(const std::string& from, const std::string& to) {
    fs::rename(from, to);
    if (held_ == from) held_ = to;
    if (const auto found = files_.find(from); found != files_.end()) {
      files_[to] = std::move(found->second);
      files_.erase(from);
    }
    if (written_to_ == from) written_to_ = to;
  }
  /// Makes room for a rotated file and gives its name.
  std::string rotated_name() {
    if (scheme_ == Scheme::dates) return folder_ / date_name("mail.log-", "");
    for (int number = 12; number > 0; --number) {
      for (const char* suffix : {"", ".gz", ".xz", ".zst", ".bz2"}) {
        const std::string from = folder_ / ("mail.log." + std::to_string(number) + suffix);
        if (fs::exists(from)) move(from, folder_ / ("mail.log." + std::to_string(number + 1) + suffix));
      }
    }
    return folder_ / "mail.log.1";
  }
  void rotate() {
    // A second rotation before the writer has changed over would rotate a file to which no one writes.
    if (!fs::exists(log_)) return;
    if (scheme_ == Scheme::link) {
      finish_line();
      current_ = folder_ / date_name("mail-", ".log");
      say("switch the link to " + current_);
      close(writer_);
      open_writer();
      fs::create_symlink(current_, folder_ / "link");
      fs::rename(folder_ / "link", log_);
      return;
    }
    const bool was_written = written_to_ == log_;
    const std::string name = rotated_name();
    if (!follower_ && ++rotated_while_down_ == 2) tally_.add("rotated twice while down");
    say("rotate to " + name);
    move(log_, name);
    const auto dice = random_() % 3;
    if (dice == 0 && was_written) {
      finish_line();
      close(writer_);
      open_writer();
    } else if (dice == 1) {
      test::append(log_, "");
    }
  }
  void copytruncate() {
    if (scheme_ == Scheme::link || !fs::exists(log_) || written_to_ != log_) return;
    const std::string name = rotated_name();
    say("copytruncate to " + name);
    fs::copy_file(log_, name);
    files_[name] = files_[log_];
    tally_.add("copytruncate");
    truncate_log();
  }
  void truncate() {
    if (!fs::exists(log_) || written_to_ != current_) return;
    say("truncate");
    destroy(current_);
    truncate_log();
  }
  void truncate_log() {
    fs::resize_file(log_, 0);
    held_.clear();
    files_[current_].clear();
    if (rest_.empty()) return;
    torn_ = garbage_ = destroyed_ = true;
    may_miss_.insert(last_line_);
    unseen_.insert(last_line_);
  }
  void remove_and_make() {
    if (!fs::exists(log_) || written_to_ != current_) return;
    finish_line();
    say("remove the log and make it anew");
    remove(current_);
    close(writer_);
    open_writer();
  }
  /// Like editors and `mv`: another file gets the name.
  void replace() {
    if (!fs::exists(log_) || written_to_ != current_) return;
    finish_line();
    say("put another file in the place of the log");
    const std::string other = folder_ / "other";
    test::append(other, "");
    remove(current_, [&] { fs::rename(other, current_); });
    close(writer_);
    open_writer();
    tally_.add("replaced");
  }
  void remove(const std::string& name, const std::function<void()>& take_away = {}) {
    // Read to its end by a follower that has it open: the rest is still there for it.
    if (held_ == name) {
      tally_.add("removed under a running follower");
      const std::vector<int>& lines = files_[name];
      held_lines_.insert(lines.begin(), lines.end());
      held_.clear();
      destroyed_ = true;
    } else {
      destroy(name);
    }
    files_.erase(name);
    take_away ? take_away() : static_cast<void>(fs::remove(name));
  }
  /// The process that had it open has ended.
  void let_go() {
    held_.clear();
    may_miss_.insert(held_lines_.begin(), held_lines_.end());
    held_lines_.clear();
  }
  std::vector<std::string> old_files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string name = entry.path().string();
      if (name != log_ && name != current_ && name != written_to_) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  void compress() {
    const std::vector<std::string> names = old_files();
    if (names.empty()) return;
    const std::string name = names[random_() % names.size()];
    static const std::vector<std::string> suffixes = {".gz", ".gz", ".gz",  ".gz",  ".gz",
                                                      ".gz", ".gz", ".bz2", ".zst", ".xz"};
    if (fs::path(name).extension().string().find('z') != std::string::npos) return;
    const std::string suffix = suffixes[random_() % suffixes.size()];
    say("compress " + name + " to " + suffix);
    test::compress(name, suffix);
    if (held_ == name) held_.clear();
    files_[name + suffix] = std::move(files_[name]);
    files_.erase(name);
  }
  void prune() {
    const std::vector<std::string> names = old_files();
    if (names.empty()) return;
    const std::string name = names[random_() % names.size()];
    say("remove " + name);
    remove(name);
  }
  /// The lines of a file may be gone from now on. No one knows of a file that was never read.
  void destroy(const std::string& name) {
    destroyed_ = true;
    const std::vector<int>& lines = files_[name];
    const bool seen =
        std::any_of(lines.begin(), lines.end(), [&](int line) { return known_.contains(line); });
    may_miss_.insert(lines.begin(), lines.end());
    if (!seen) unseen_.insert(lines.begin(), lines.end());
  }

  // The follower.

  void start() {
    if (follower_) return;
    say("start");
    rotated_while_down_ = 0;
    if (book_.size() == 0 && start_ == StartAt::end) left_out_ = last_line_;
    follower_ = std::make_unique<FileFollower>(log_);
    open_follower();
    // A start does not count before the very first commit.
    if (follower_ && book_.size() == 0) read_once(true);
  }
  void open_follower() {
    let_go();
    std::vector<Gap> gaps;
    if (const Status begun = follower_->open(book_, start_, gaps); !begun) {
      if (fs::exists(log_)) wrong_ = "open: " + begun.error().message;
      follower_.reset();
    }
  }
  void stop() {
    say("stop");
    tally_.add("stopped");
    follower_.reset();
    let_go();
  }
  bool read_once(bool commit) {
    Result<Source::Batch> batch = follower_->read(1 + random_() % 8);
    if (!batch) {
      wrong_ = "read: " + batch.error().message;
      return false;
    }
    if (!commit) return false;
    for (const SourceRecord& record : batch->records) {
      learned_.emplace_back(record.line);
      if (record.line.starts_with('L')) known_.insert(std::stoi(learned_.back().substr(1)));
    }
    for (const Gap& gap : batch->gaps) say("gap: " + gap.reason);
    gaps_ += batch->gaps.size();
    if (!batch->records.empty() || batch->moved || !batch->gaps.empty()) {
      // As the learner: the time of the newest line.
      if (!known_.empty()) batch->cursor.last_time = written_at_[*known_.rbegin()];
      if (known_.empty() && start_ == StartAt::end) batch->cursor.last_time = now();
      follower_->stored(book_.save(batch->cursor));
    }
    return batch->more;
  }
  void read() {
    if (!follower_) return;
    int times = 1 + static_cast<int>(random_() % 4);
    if (random_() % 3 == 0) times = 1'000'000;
    const bool to_the_end = times == 1'000'000;
    while (times-- > 0 && read_once(true)) {
    }
    // It opens a file for good when there is a complete line in it.
    if (to_the_end && written_to_ == current_ && !files_[current_].empty()) {
      held_ = current_;
      held_lines_.clear();
    }
    say("read, up to " +
        (learned_.empty() ? "nothing" : learned_.back().substr(0, learned_.back().find(' '))));
  }
  void fail_commit() {
    if (!follower_) return;
    read_once(false);
    if (random_() % 2 == 0) {
      say("a commit fails");
      open_follower();
    } else {
      say("kill");
      tally_.add("killed");
      follower_.reset();
      let_go();
    }
  }

  void finish() {
    finish_line();
    reopen_writer();
    if (book_.size() == 0) start();
    write_lines();
    const std::string line = new_line();
    put(line);
    complete(line);
    start();
    int reads = 0;
    while (wrong_.empty() && read_once(true)) {
      if (++reads > 100'000) wrong_ = "reading does not end";
    }
    if (wrong_.empty()) judge();
  }

  void judge() {
    int last = left_out_;
    std::set<int> missing;
    for (const std::string& text : learned_) {
      if (!text.starts_with('L') || !text.ends_with('.')) {
        if (!garbage_) return blame("learned what is no line: " + text.substr(0, 40));
        continue;
      }
      const int line = std::stoi(text.substr(1));
      if (line <= left_out_) continue;
      if (line <= last)
        return blame("L" + std::to_string(line) + " was learned after L" + std::to_string(last));
      for (int i = last + 1; i < line; ++i) missing.insert(i);
      last = line;
    }
    if (last != last_line_) return blame("the last line was not learned");
    for (const int line : missing) {
      if (!may_miss_.contains(line)) return blame("L" + std::to_string(line) + " was not learned");
    }
    for (const int line : missing) {
      if (gaps_ == 0 && !unseen_.contains(line))
        return blame("L" + std::to_string(line) + " is missing without a gap");
    }
    if (!destroyed_ && gaps_ > 0) return blame("there is a gap, and nothing was destroyed");
  }

  void blame(const std::string& what) { wrong_ = what; }
  void say(const std::string& what) const {
    if (told_) std::cout << what << std::endl;
  }

  std::mt19937 random_;
  bool told_;
  Tally& tally_;
  Scheme scheme_ = Scheme::numbers;
  StartAt start_ = StartAt::beginning;
  bool appends_ = true;
  std::set<ino_t> inodes_;
  int rotated_while_down_ = 0;
  test::Folder folder_;
  std::string log_ = folder_ / "mail.log";
  std::string current_;                            // the file that log_ is or points to
  std::string written_to_;                         // the file that the writer has open
  std::map<std::string, std::vector<int>> files_;  // the complete lines in each
  int writer_ = -1;
  int last_line_ = 0;
  int left_out_ =
      0;  // up to this line nothing need be learned, for it was there before the very first start at the end
  int rotations_ = 0;
  int long_lines_ = 0;
  std::map<int, Time> written_at_;
  std::string rest_;   // of the line that was written in part
  bool torn_ = false;  // its beginning is elsewhere
  bool garbage_ = false;
  bool destroyed_ = false;
  std::set<int> may_miss_;
  std::set<int> unseen_;      // those of them in files of which no line was learned
  std::set<int> known_;       // learned
  std::string held_;          // the file that the follower is known to have open
  std::set<int> held_lines_;  // of files that were removed while it had them open

  test::Book book_;
  std::unique_ptr<FileFollower> follower_;
  std::vector<std::string> learned_;
  std::size_t gaps_ = 0;
  std::string wrong_;
};

std::uint32_t number_from(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? static_cast<std::uint32_t>(std::stoul(text)) : otherwise;
}

TEST(FollowerModel, every_complete_line_is_learned_once_and_in_order) {
  const bool one =
      std::getenv("SUPPRESSD_MODEL_SEED") != nullptr && std::getenv("SUPPRESSD_MODEL_PROGRAMS") == nullptr;
  const std::uint32_t first = number_from("SUPPRESSD_MODEL_SEED", 1);
  const std::uint32_t count = one ? 1 : number_from("SUPPRESSD_MODEL_PROGRAMS", 1000);

  // A program mostly waits for the kernel to close its watches, so that several run at once on any machine.
  constexpr int kAtOnce = 16;
  constexpr std::size_t kEnough = 10;
  std::atomic<std::uint32_t> next = 0;
  std::mutex mutex;
  std::map<std::uint32_t, std::string> failures;
  Tally tally;
  std::vector<std::jthread> workers;
  for (int i = 0; i < kAtOnce; ++i) {
    workers.emplace_back([&] {
      for (std::uint32_t index = next++; index < count; index = next++) {
        const std::string wrong = Program(first + index, one, tally).run();
        const std::scoped_lock lock(mutex);
        if (!wrong.empty()) failures.emplace(first + index, wrong);
        if (failures.size() >= kEnough) return;
      }
    });
  }
  workers.clear();
  for (const auto& [seed, wrong] : failures) {
    ADD_FAILURE() << "program " << seed << ": " << wrong << "; SUPPRESSD_MODEL_SEED=" << seed
                  << " shows its steps";
  }
  tally.print();
  std::cout << std::min(next.load(), count) << " programs from seed " << first << "\n";
}

}  // namespace
}  // namespace suppressd
