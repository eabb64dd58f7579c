#include "health.h"

#include <algorithm>

namespace suppressd {
namespace {

std::string since(const Trouble& trouble) {
  return " since " + format_time(trouble.since) + " (" + trouble.why + ")";
}

}  // namespace

bool Health::well() const {
  return !look_ups && !learning &&
         std::none_of(logs.begin(), logs.end(), [](const Log& log) { return log.trouble.has_value(); });
}

std::string Health::line() const {
  std::string text = look_ups ? "look-ups failing" + since(*look_ups) : "look-ups ok";
  if (learning) return text + "; not learning" + since(*learning);
  for (const Log& log : logs)
    text +=
        log.trouble ? "; not learning from " + log.name + since(*log.trouble) : "; learning from " + log.name;
  return text;
}

std::string Health::kind() const {
  std::string kind{look_ups ? '-' : '+', learning ? '-' : '+'};
  for (const Log& log : logs) kind += (log.trouble ? '-' : '+') + log.name;
  return kind;
}

}  // namespace suppressd
