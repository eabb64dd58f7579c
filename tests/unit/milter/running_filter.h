// A real Filter that serves on a unix socket, with the Lookup of list_lookup.h.
//
// libmilter allows one filter per process: filter_of_this_process() starts it at the first call and
// stops it when the tests are over.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "suppressd/milter/filter.h"

#include "list_lookup.h"

namespace suppressd {

class RunningFilter {
 public:
  RunningFilter();
  ~RunningFilter();

  const std::string& path() const { return path_; }
  Filter& filter() { return *filter_; }

  /// Replaces the rules for the messages that begin from now on.
  void use(GatekeeperSettings settings);
  void use_rules(SessionRules rules);
  ListLookup& lookup() { return lookup_; }
  ProbeClaims& probes() { return probes_; }
  std::vector<TagNote> tags() {
    std::uint64_t dropped = 0;
    return tags_.take(dropped);
  }
  std::vector<CollectedMail> mails();

  /// Waits until this many notes have come and returns them.
  std::vector<Refusal> notes(std::size_t count);
  /// All notes that have come.
  std::vector<Refusal> notes();

  /// Stops it; true if run() ended well.
  bool stop();
  /// Destroys it, once stopped; notes remain.
  void forget_filter() { filter_.reset(); }

 private:
  ListLookup lookup_;
  MailQueue mails_{10};
  RefusalQueue refusals_{100000};
  ProbeClaims probes_{1000};
  TagQueue tags_{1000};
  std::string folder_;
  std::string path_;
  std::unique_ptr<Filter> filter_;
  std::vector<Refusal> taken_;
  bool ended_well_ = false;
  std::thread runner_;
};

RunningFilter& filter_of_this_process();

}  // namespace suppressd
