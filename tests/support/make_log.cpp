// Writes a mail log as a busy Postfix would: make_log LINES [SEED [ADDRESSES [MESSAGES_A_DAY]]] > mail.log
//
// The same arguments give the same bytes. Addresses have characters: most take their mail, some are dead,
// full, greylisted, blocked or slow; queue ids come back; bounces go out with the null sender; some messages
// are deleted, some expire. RFC 3164 times, beginning on 1 January 2026, UTC.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <queue>
#include <random>
#include <string>
#include <vector>

namespace {

using Random = std::mt19937_64;
constexpr std::int64_t kBegin = 1767225600;  // 2026-01-01T00:00:00Z
const char* const kHosts[] = {"mx.alpha.example", "in.beta.example", "mail.gamma.example",
                              "mx1.delta.example", "smtp.epsilon.example"};

enum class Character { good, dead, full, greylist, blocked, slow, dead_domain };

struct Address {
  std::string text;
  const char* host;
  Character character;
};

struct Step {
  std::int64_t at;
  std::uint64_t order;
  std::uint32_t message;
  bool operator>(const Step& other) const { return at != other.at ? at > other.at : order > other.order; }
};

struct Message {
  std::string id;
  std::int64_t entered = 0;
  bool bounce = false;  // a bounce of ours: null sender
  int tries = 0;
  std::vector<std::uint32_t> open;
};

class Log {
 public:
  Log(std::uint64_t lines, std::uint64_t seed, std::uint32_t addresses, std::uint32_t messages_a_day)
      : lines_(lines), random_(seed), gap_(86400.0 / messages_a_day) {
    for (std::uint32_t i = 0; i < addresses; ++i) {
      const auto roll = random_() % 100;
      const auto character = roll < 80   ? Character::good
                             : roll < 85 ? Character::dead
                             : roll < 89 ? Character::full
                             : roll < 92 ? Character::greylist
                             : roll < 95 ? Character::blocked
                             : roll < 98 ? Character::slow
                                         : Character::dead_domain;
      const auto* host = kHosts[random_() % 5];
      const std::string domain = character == Character::dead_domain
                                     ? "gone" + std::to_string(i % 7) + ".example"
                                     : std::string{host}.substr(std::string{host}.find('.') + 1);
      addresses_.push_back({"user" + std::to_string(i) + "@" + domain, host, character});
    }
  }

  void write() {
    double next_message = 0;
    while (written_ < lines_) {
      const auto message_at = kBegin + static_cast<std::int64_t>(next_message);
      if (steps_.empty() || message_at <= steps_.top().at) {
        enter(message_at);
        next_message += gap_;
      } else {
        const auto step = steps_.top();
        steps_.pop();
        attempt(step);
      }
    }
  }

 private:
  void line(std::int64_t at, const char* program, const std::string& text) {
    if (written_ >= lines_) return;
    if (at != stamp_at_) {
      stamp_at_ = at;
      const std::time_t time = at;
      std::tm calendar{};
      gmtime_r(&time, &calendar);
      std::strftime(stamp_, sizeof stamp_, "%b %e %H:%M:%S", &calendar);
    }
    std::printf("%s mta postfix/%s[%d]: %s\n", stamp_, program, 4711, text.c_str());
    ++written_;
  }

  void schedule(std::int64_t at, std::uint32_t message) { steps_.push({at, ++order_, message}); }

  std::uint32_t slot(std::int64_t at) {
    std::uint32_t index = 0;
    if (!free_.empty()) {
      index = free_.back();
      free_.pop_back();
    } else {
      index = static_cast<std::uint32_t>(messages_.size());
      messages_.emplace_back();
    }
    char id[16];
    std::snprintf(id, sizeof id, "%05X%05X", static_cast<unsigned>(index % 0xFFFFF),
                  static_cast<unsigned>(0x12E00 + index % 97));
    messages_[index] = {id, at, false, 0, {}};
    return index;
  }

  void enter(std::int64_t at) {
    if (random_() % 10 < 3) line(at, "smtpd", "connect from app.example[192.0.2.10]");
    const auto index = slot(at);
    auto& message = messages_[index];
    message.bounce = random_() % 50 == 0;
    const auto recipients = 1 + (random_() % 20 == 0 ? random_() % 5 : 0);
    for (std::uint64_t i = 0; i < recipients; ++i)
      message.open.push_back(static_cast<std::uint32_t>(random_() % addresses_.size()));
    std::sort(message.open.begin(), message.open.end());
    message.open.erase(std::unique(message.open.begin(), message.open.end()), message.open.end());
    if (!message.bounce) line(at, "smtpd", message.id + ": client=app.example[192.0.2.10]");
    line(at, "cleanup", message.id + ": message-id=<2026." + message.id + "@app.example>");
    schedule(at, index);
  }

  void attempt(const Step& step) {
    auto& message = messages_[step.message];
    const auto at = step.at;
    line(at, "qmgr",
         message.id + ": from=<" + (message.bounce ? "" : "news@app.example") + ">, size=2" +
             std::to_string(random_() % 900 + 100) + ", nrcpt=" + std::to_string(message.open.size()) +
             " (queue active)");
    std::vector<std::uint32_t> deferred;
    for (const auto index : message.open)
      if (!deliver(at, message, addresses_[index])) deferred.push_back(index);
    message.open = std::move(deferred);
    ++message.tries;
    if (!message.open.empty() && at - message.entered > 5 * 86400) {
      line(at, "qmgr",
           message.id + ": from=<" + (message.bounce ? "" : "news@app.example") +
               ">, status=expired, returned to sender");
      message.open.clear();
    } else if (!message.open.empty() && random_() % 200 == 0) {
      line(at, "postsuper", message.id + ": removed");
      free_.push_back(step.message);
      return;
    }
    if (message.open.empty()) {
      line(at, "qmgr", message.id + ": removed");
      free_.push_back(step.message);
      return;
    }
    schedule(at + std::min<std::int64_t>(300LL << std::min(message.tries, 7), 28800), step.message);
  }

  // True: the send has ended.
  bool deliver(std::int64_t at, const Message& message, const Address& address) {
    const auto age = at - message.entered;
    const std::string head = message.id + ": to=<" + address.text + ">, relay=";
    const std::string peer = std::string{address.host} + "[198.51.100.7]:25";
    const std::string delay =
        ", delay=" + std::to_string(age) + ".2, delays=" + std::to_string(age) + "/0.01/0.1/0.1, dsn=";
    const std::string said = " (host " + std::string{address.host} + "[198.51.100.7] said: ";
    switch (address.character) {
      case Character::dead:
        line(at, "smtp",
             head + peer + delay + "5.1.1, status=bounced" + said + "550 5.1.1 <" + address.text +
                 ">: Recipient address rejected: User unknown (in reply to RCPT TO command))");
        return true;
      case Character::dead_domain:
        line(at, "smtp",
             head + "none" + delay +
                 "5.4.4, status=bounced (Host or domain name not found. Name service error for name=" +
                 address.text.substr(address.text.find('@') + 1) + " type=A: Host not found)");
        return true;
      case Character::full:
        if (random_() % 40 != 0) {
          line(at, "smtp",
               head + peer + delay + "4.2.2, status=deferred" + said +
                   "452 4.2.2 The email account that you tried to reach is over quota (in reply to RCPT TO "
                   "command))");
          return false;
        }
        break;
      case Character::greylist:
        if (age < 900) {
          line(at, "smtp",
               head + peer + delay + "4.2.0, status=deferred" + said + "450 4.2.0 <" + address.text +
                   ">: Recipient address rejected: Greylisted, try again later (in reply to RCPT TO "
                   "command))");
          return false;
        }
        break;
      case Character::blocked:
        if (random_() % 2 == 0) {
          line(at, "smtp",
               head + peer + delay + "5.7.1, status=bounced" + said +
                   "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example; see "
                   "http://www.example/ (in reply to RCPT TO command))");
          return true;
        }
        break;
      case Character::slow:
        if (random_() % 3 != 0) {
          line(at, "smtp",
               head + "none" + delay + "4.4.1, status=deferred (connect to " + address.host +
                   "[198.51.100.7]:25: Connection timed out)");
          return false;
        }
        break;
      case Character::good:
        break;
    }
    line(at, "smtp",
         head + peer + delay + "2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZ" +
             std::to_string(random_() % 1000000) + ")");
    return true;
  }

  std::uint64_t lines_;
  std::uint64_t written_ = 0;
  Random random_;
  double gap_;
  std::vector<Address> addresses_;
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_;
  std::priority_queue<Step, std::vector<Step>, std::greater<>> steps_;
  std::uint64_t order_ = 0;
  std::int64_t stamp_at_ = -1;
  char stamp_[32] = {};
};

std::uint64_t number(int argc, char** argv, int index, std::uint64_t otherwise) {
  return argc > index ? std::strtoull(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: make_log LINES [SEED [ADDRESSES [MESSAGES_A_DAY]]]\n");
    return 2;
  }
  Log log{number(argc, argv, 1, 0), number(argc, argv, 2, 1),
          static_cast<std::uint32_t>(number(argc, argv, 3, 5000)),
          static_cast<std::uint32_t>(number(argc, argv, 4, 2000))};
  log.write();
  return 0;
}
