#include "suppressd/core/sender_sends.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace suppressd {
namespace {

constexpr std::int64_t kFewest = 20;  // sends
constexpr std::int64_t kTenth = 10;
constexpr std::size_t kMostTexts = 20;      // of one host, sender domain and campaign within five minutes
constexpr std::string_view kOther = "...";  // all further ones

// The sides that a send belongs to, as an incident may have them.
std::array<OurSide, 3> sides_of(const OurSide& sent) {
  return {OurSide{.host = sent.host, .sender_domain = {}, .campaign = {}},
          OurSide{.host = {}, .sender_domain = sent.sender_domain, .campaign = {}},
          OurSide{.host = {}, .sender_domain = {}, .campaign = sent.campaign}};
}

struct Sums {
  std::int64_t others = 0;
  SampleUnion blamed;
  Time since = Time::max();

  void add(const SenderSends::Counts& counts, Time start) {
    others += counts.others;
    if (counts.blamed.empty()) return;
    since = std::min(since, start);
    for (const auto& [text, of_text] : counts.blamed) blamed.add(of_text.sends);
  }
  OwnWindow window() const {
    const auto failed = blamed.counts().all;
    const auto sends = failed + std::max<std::int64_t>(others, 0);
    const bool goes_on = failed > 0 && failed * kTenth >= sends;
    return {.sends = sends,
            .failed = failed,
            .enough = goes_on && failed >= kFewest,
            .goes_on = goes_on,
            .since = since};
  }
};

/// One pass over the buckets of one provider.
class Pass {
 public:
  Pass(const SenderSends::Buckets& buckets, SenderSends::States known, const std::set<std::string>& hosts,
       bool wide)
      : buckets_(buckets), states_(std::move(known)), hosts_(hosts), wide_(wide) {}

  void read(Time bucket) {
    for (auto& [side, state] : states_) {
      state.close_if_silent(bucket);
      if (state.open) state.read_open(window_of(side, bucket), bucket);
    }
    while (open_worst(bucket)) continue;
  }
  SenderSends::States take() { return std::move(states_); }

 private:
  void each_in_window(Time bucket, const auto& visit) const {
    const auto from = bucket + kOwnBucket - kSenderWindow;
    for (auto part = buckets_.lower_bound(from); part != buckets_.end() && part->first <= bucket; ++part)
      for (const auto& [side, counts] : part->second)
        if (hosts_.contains(side.host)) visit(part->first, side, counts);
  }

  // Of an incident that is open: all that it covers.
  OwnWindow window_of(const OurSide& side, Time bucket) const {
    Sums sums;
    each_in_window(bucket, [&](Time start, const OurSide& sent, const auto& counts) {
      if (covers(side, sent)) sums.add(counts, start);
    });
    return sums.window();
  }

  bool explained(const OurSide& sent, Time start) const {
    return std::ranges::any_of(states_, [&](const auto& known) {
      const auto& [side, state] = known;
      if (!covers(side, sent)) return false;
      if (state.open && start >= state.open->since) return true;
      return std::ranges::any_of(state.closed, [&](const IncidentSpan& span) {
        return start >= span.since && start < *span.closed;
      });
    });
  }

  // Nothing of before its last incident closed counts again.
  bool counts_again(const OurSide& side, Time start) const {
    const auto known = states_.find(side);
    return known == states_.end() || (!known->second.open && start >= known->second.begin);
  }

  bool open_worst(Time bucket) {
    std::map<OurSide, Sums> sums;
    each_in_window(bucket, [&](Time start, const OurSide& sent, const auto& counts) {
      if (explained(sent, start)) return;
      const auto sides = sides_of(sent);
      for (std::size_t i = 0; i < sides.size(); ++i) {
        const bool named = sides[i] != OurSide{};
        if (named && (i == 0 || wide_) && counts_again(sides[i], start)) sums[sides[i]].add(counts, start);
      }
    });
    const OurSide* worst = nullptr;
    OwnWindow most;
    for (const auto& [side, of_side] : sums) {
      const auto window = of_side.window();
      if (!window.enough) continue;
      if (worst != nullptr && !is_worse(side, window, *worst, most)) continue;
      worst = &side;
      most = window;
    }
    if (worst == nullptr) return false;
    states_[*worst].open_at(most, bucket);
    return true;
  }

  // The greater share; of equal ones the host, then the sender domain.
  static bool is_worse(const OurSide& side, const OwnWindow& window, const OurSide& worst,
                       const OwnWindow& most) {
    const auto share = window.failed * most.sends;
    const auto other = most.failed * window.sends;
    if (share != other) return share > other;
    return rank_of(side) < rank_of(worst);
  }
  static int rank_of(const OurSide& side) { return !side.host.empty() ? 0 : side.campaign.empty() ? 1 : 2; }

  const SenderSends::Buckets& buckets_;
  SenderSends::States states_;
  const std::set<std::string>& hosts_;
  bool wide_;
};

}  // namespace

SenderSends::Counts& SenderSends::counts_of(const OurSide& side, Time start) {
  const bool newest = !buckets_.empty() && std::prev(buckets_.end())->first == start;
  return (newest ? std::prev(buckets_.end())->second : buckets_[start])[side];
}

void SenderSends::add_other(const OurSide& side, Time at, std::int64_t count) {
  auto& counts = counts_of(side, own_bucket(at));
  counts.others += count;
  counts.changed = true;
}

bool SenderSends::add_blamed(const OurSide& side, Time at, std::uint64_t send, std::string text,
                             std::string_view said) {
  auto& blamed = counts_of(side, own_bucket(at)).blamed;
  auto place = blamed.find(text);
  if (place == blamed.end()) {
    if (blamed.size() >= kMostTexts) text = kOther;
    place = blamed.try_emplace(std::move(text)).first;
    if (place->second.example.empty()) place->second.example = said;
  }
  if (!place->second.sends.add(send)) return false;
  place->second.changed = true;
  return true;
}

void SenderSends::load(Time start, const OurSide& side, std::int64_t others) {
  counts_of(side, start).others = others;
}

void SenderSends::load(Time start, const OurSide& side, const std::string& text, Blamed blamed) {
  counts_of(side, start).blamed[text] = std::move(blamed);
}

bool SenderSends::forget(std::string_view host, Time before) {
  for (auto bucket = buckets_.begin(); bucket != buckets_.end() && bucket->first < before;) {
    std::erase_if(bucket->second, [&](const auto& counts) { return counts.first.host == host; });
    bucket = bucket->second.empty() ? buckets_.erase(bucket) : std::next(bucket);
  }
  return !buckets_.empty();
}

bool SenderSends::may_open() const {
  if (buckets_.empty()) return false;
  std::size_t blamed = 0;
  for (auto bucket = buckets_.lower_bound(buckets_.rbegin()->first + kOwnBucket - 2 * kSenderWindow);
       bucket != buckets_.end(); ++bucket)
    for (const auto& [side, counts] : bucket->second)
      for (const auto& [text, of_text] : counts.blamed) blamed += of_text.sends.elements().size();
  return blamed >= static_cast<std::size_t>(kFewest);
}

Time SenderSends::newest(std::string_view host) const {
  for (auto bucket = buckets_.rbegin(); bucket != buckets_.rend(); ++bucket)
    for (const auto& [side, counts] : bucket->second)
      if (side.host == host) return bucket->first;
  return Time::min();
}

SenderSends::States SenderSends::find(Time from, States known, const std::set<std::string>& hosts,
                                      bool wide) const {
  Pass pass(buckets_, std::move(known), hosts, wide);
  for (auto bucket = buckets_.lower_bound(from); bucket != buckets_.end(); ++bucket) {
    const auto of_them = [&](const auto& counts) { return hosts.contains(counts.first.host); };
    if (std::ranges::any_of(bucket->second, of_them)) pass.read(bucket->first);
  }
  return pass.take();
}

SenderSends::Said SenderSends::said_most(const OurSide& side, Time from) const {
  std::map<std::string_view, std::pair<std::size_t, std::string_view>> times;
  for (auto bucket = buckets_.lower_bound(from); bucket != buckets_.end(); ++bucket)
    for (const auto& [sent, counts] : bucket->second)
      if (covers(side, sent))
        for (const auto& [text, blamed] : counts.blamed) {
          auto& [count, example] = times[text];
          count += blamed.sends.elements().size();
          if (example.empty()) example = blamed.example;
        }
  const auto most = std::ranges::max_element(times, {}, [](const auto& of) { return of.second.first; });
  if (most == times.end()) return {};
  return {.text = std::string(most->first), .example = std::string(most->second.second)};
}

}  // namespace suppressd
