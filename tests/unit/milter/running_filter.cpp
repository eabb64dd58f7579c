#include "running_filter.h"

#include <stdlib.h>

#include <chrono>
#include <stdexcept>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

std::unique_ptr<RunningFilter> running;

class StopAtTheEnd : public testing::Environment {
  void TearDown() override { running.reset(); }
};

SessionRules rules_of(std::shared_ptr<const Gatekeeper> gatekeeper) {
  return {std::move(gatekeeper), nullptr, {}};
}

const auto* const stop_at_the_end = testing::AddGlobalTestEnvironment(new StopAtTheEnd);

}  // namespace

RunningFilter& filter_of_this_process() {
  if (!running) running = std::make_unique<RunningFilter>();
  return *running;
}

RunningFilter::RunningFilter() {
  char name[] = "/tmp/suppressd-milter-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = name;
  path_ = folder_ + "/milter.sock";
  auto gatekeeper = Gatekeeper::make({}, lookup_);
  auto opened = Filter::open({.socket = "unix:" + path_}, rules_of(*gatekeeper), refusals_, mails_, probes_,
                             tags_, [](Severity, const std::string&) {});
  if (!opened) throw std::runtime_error(opened.error().message);
  filter_ = std::move(*opened);
  runner_ = std::thread([this] { ended_well_ = filter_->run().ok(); });
}

RunningFilter::~RunningFilter() {
  stop();
  filter_.reset();
  std::filesystem::remove_all(folder_);
}

void RunningFilter::use(GatekeeperSettings settings) {
  auto gatekeeper = Gatekeeper::make(std::move(settings), lookup_);
  if (!gatekeeper) throw std::runtime_error(gatekeeper.error().message);
  filter_->use(rules_of(*gatekeeper));
}

void RunningFilter::use_rules(SessionRules rules) {
  filter_->use(std::move(rules));
}

std::vector<CollectedMail> RunningFilter::mails() {
  std::uint64_t dropped = 0;
  return mails_.take(dropped);
}

std::vector<Refusal> RunningFilter::notes() {
  std::uint64_t dropped = 0;
  for (auto& refusal : refusals_.take(dropped)) taken_.push_back(std::move(refusal));
  return std::exchange(taken_, {});
}

std::vector<Refusal> RunningFilter::notes(std::size_t count) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < patience) {
    taken_ = notes();
    if (taken_.size() >= count) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return std::exchange(taken_, {});
}

bool RunningFilter::stop() {
  if (runner_.joinable()) {
    filter_->stop();
    runner_.join();
  }
  return ended_well_;
}

}  // namespace suppressd
