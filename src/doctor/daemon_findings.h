// What is wrong with the daemon and its configuration, and what is open in the list. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "suppressd/doctor/finding.h"
#include "suppressd/doctor/service_state.h"
#include "suppressd/store/enforcement.h"

namespace suppressd {

struct DaemonFacts {
  ServiceState service;
  std::optional<bool>
      answers;         ///< Whether anything listens on the milter's socket, where there is no systemd.
  std::string socket;  ///< Its place.
  std::string
      configuration;       ///< What is wrong with it: what `suppressd --check-config` says; empty: nothing.
  std::string rules;       ///< What is wrong with the rules files.
  std::string trace_keys;  ///< What is wrong with the keys of the trace header.
  bool monitors = false;   ///< milter.mode of the configuration.
  std::string mode;        ///< milter.mode that the daemon has read; empty: not known.
  std::optional<EnforcementOff> off;
  std::int64_t alerts = 0;  ///< Open ones.
  std::string alert;        ///< The worst.
  std::int64_t incidents = 0;
  std::string incident;
};

Findings daemon_findings(const DaemonFacts& facts);

}  // namespace suppressd
