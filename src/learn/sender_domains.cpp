#include "suppressd/learn/sender_domains.h"

#include <utility>

#include "suppressd/core/rate.h"

namespace suppressd {

Result<std::string> SenderDomains::name_for(Batch& batch, std::string_view sender, Time entered) {
  auto domain = sender_domain_of(sender);
  if (domain.empty() || domain == newest_) return domain;
  if (!known_.contains(domain)) {
    const auto admitted = batch.admit_sender_domain(domain, entered);
    if (!admitted) return admitted.error();
    if (!*admitted) return std::string(kOtherTag);
    if (known_.size() >= kMost) known_.clear();
    known_.insert(domain);
  }
  newest_ = domain;
  return domain;
}

}  // namespace suppressd
