#include <sysexits.h>

#include <iostream>

#include "suppressd/daemon/options.h"
#include "suppressd/daemon/service.h"

int main(int argc, char** argv) {
  using namespace suppressd;
  const auto parsed = parse_options(argc, argv);
  if (const auto* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<Options>(parsed);

  const auto config = load_config(options);
  if (!config) {
    std::cerr << "suppressd: " << config.error().message << '\n';
    return EX_CONFIG;
  }
  if (options.check_config) return check(*config);
  return serve(options, *config);
}
