#include "suppressd/core/scope.h"

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/provider.h"
#include "suppressd/core/rate.h"

namespace suppressd {

std::string scope_of(std::string_view sender) {
  const auto canonical = canonical_address(sender);
  if (!canonical) return {};
  auto domain = sender_domain_of(*canonical);
  return domain.starts_with('[') ? std::string{} : domain;
}

bool MailScope::in(std::string_view scope) {
  if (scope.empty()) return true;
  if (!host_) {
    const auto canonical = canonical_address(sender_);
    host_ = canonical ? std::string(domain_of(*canonical)) : std::string{};
  }
  const std::string_view host = *host_;
  return host == scope ||
         (host.size() > scope.size() && host.ends_with(scope) && host[host.size() - scope.size() - 1] == '.');
}

Result<std::string> scope_from(std::string_view text) {
  if (to_lower(text) == "all") return std::string{};
  const auto entry = canonical_entry("@" + std::string(text));
  const auto domain = entry ? std::string(domain_of(*entry)) : std::string{};
  if (domain.empty() || domain.starts_with('.') || text.find('@') != std::string_view::npos)
    return Error{
        std::string(text) +
        " is no domain: write the organisational domain of the sender, such as shop.example, or all"};
  if (is_public_suffix(domain))
    return Error{domain + " is a public suffix, not a domain that somebody has registered"};
  if (const auto organisational = registrable_domain(domain); organisational != domain)
    return Error{"an entry holds for all mail of an organisational domain: write " + organisational +
                 " in place of " + domain};
  return domain;
}

}  // namespace suppressd
