#include "suppressd/learn/ahead.h"

#include <utility>

namespace suppressd {
namespace {

Duration in_few_digits(Duration length) {
  using namespace std::chrono;
  if (length >= days(2)) return floor<days>(length);
  return length >= hours(2) ? Duration(floor<hours>(length)) : Duration(floor<minutes>(length));
}

}  // namespace

void Ahead::add(Ahead more) {
  events += more.events;
  if (more.by <= by) return;
  by = more.by;
  host = std::move(more.host);
}

std::string Ahead::words() const {
  const bool one = events == 1;
  return std::to_string(events) + (one ? " event is " : " events are up to ") +
         format_duration(in_few_digits(by)) + " ahead of the clock (" +
         (host.empty() ? "a report" : "the log of " + host) + ") and " + (one ? "waits" : "wait") + " for it";
}

}  // namespace suppressd
