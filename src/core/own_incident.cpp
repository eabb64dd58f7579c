#include "suppressd/core/own_incident.h"

namespace suppressd {

Time own_bucket(Time at) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<300>>>(at);
}

bool blames_us(Category category) {
  switch (category) {
    case Category::blocked:
    case Category::auth:
    case Category::content:
    case Category::policy:
    case Category::rate_limited:
      return true;
    default:
      return false;
  }
}

bool never_answered(const FailureReason& reason) {
  switch (reason.judgement.category) {
    case Category::connection:
    case Category::dns:
      return true;
    case Category::bad_domain:
      return reason.code == 0;
    default:
      return false;
  }
}

}  // namespace suppressd
