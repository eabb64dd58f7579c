#include <sysexits.h>

#include <chrono>
#include <iostream>

#include "suppressd/config/options.h"
#include "suppressd/milter/socket.h"

#include "service.h"
#include "service_manager.h"
#include "signals.h"

namespace suppressd {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kPause{30};  // less than systemd's TimeoutStartSec
constexpr std::chrono::seconds kLook{1};

int complain(const Error& error) {
  std::cerr << "suppressd: " << error.message << '\n';
  return EX_CONFIG;
}

int start(const Options& options) {
  const auto config = load_config(options);
  return config ? serve(options, *config) : complain(config.error());
}

bool is_right(const Options& options) {
  const auto config = load_config(options);
  return config && can_start(*config);
}

/// If a session waits at the socket unit, systemd starts the program again as soon as it has exited, with the
/// same result. So it waits before it exits, and continues when the configuration is valid.
int start_patiently(const Options& options) {
  int status = start(options);
  const auto end = steady_clock::now() + kPause;
  bool tried = false;  // with the current files
  while (status == EX_CONFIG && session_waits() && steady_clock::now() < end) {
    service_manager::status("cannot start, see the log; waits until the configuration is valid");
    if (signals::next_within(kLook) == signals::Wish::stop) return EX_OK;
    const bool right = is_right(options);
    if (right && !tried) status = start(options);
    tried = right;
  }
  return status;
}

}  // namespace
}  // namespace suppressd

int main(int argc, char** argv) {
  using namespace suppressd;
  const auto parsed = parse_options(argc, argv);
  if (const auto* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<Options>(parsed);
  if (!options.check_config && !options.check_reload) {
    signals::arrange();
    return start_patiently(options);
  }
  const auto config = load_config(options);
  return config ? check(*config, options.check_config) : complain(config.error());
}
