// The keys under which an entry or an exemption that covers one address may be stored.
//
// The most specific first: the address; the address without its extension; its `@domain`; and
// `@.parent` for each domain above it. `@.example.com` covers every subdomain of example.com, at
// any depth, and not example.com itself, as `.example.com` does in Postfix's tables. Pure, safe
// from any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace suppressd {

/// `user+tag@example.com` without the extension: `user@example.com`; empty if there is none. Each
/// character of `delimiters` begins an extension; the leftmost one in the address decides. If there
/// are no delimiters, no address has an extension. The rules are those of Postfix
/// (recipient_delimiter): an address is not split if no name would be left, nor are mailer-daemon
/// and double-bounce, nor, if `-` is a delimiter, owner-LIST and LIST-request. A local part in
/// quotes is not split.
std::string without_extension(std::string_view canonical, std::string_view delimiters);

class CoveringKeys {
 public:
  /// `canonical` must outlive this. It is a canonical address, or an entry `@domain`, whose
  /// address() and domain() are then the same.
  CoveringKeys(std::string_view canonical, std::string_view delimiters);

  std::string_view address() const { return address_; }
  /// The address without its extension; empty: it has none.
  const std::string& base() const { return base_; }
  const std::string& domain() const { return domain_; }

  /// Whether `holds` is true for any key. `parents` false: nothing is stored under any `@.parent`,
  /// so these are not tried.
  template <typename Holds>
  bool any(bool parents, Holds&& holds) const {
    if (holds(address_) || (!base_.empty() && holds(std::string_view{base_})) ||
        holds(std::string_view{domain_}))
      return true;
    return parents && any_parent(std::forward<Holds>(holds));
  }

  /// Tries only the `@.parent`s, the nearest first.
  template <typename Holds>
  bool any_parent(Holds&& holds) const {
    if (domain_.starts_with("@[")) return false;  // an address literal
    std::string key;
    for (auto dot = domain_.find('.', kFirstParent); dot != std::string::npos;
         dot = domain_.find('.', dot + 1)) {
      key.assign("@").append(domain_, dot);
      if (holds(std::string_view{key})) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kFirstParent = 2;  // `@.example.com` is not its own parent.

  std::string_view address_;
  std::string base_;
  std::string domain_;
};

/// Whether the entry covers subdomains: `@.example.com`.
inline bool covers_subdomains(std::string_view entry) {
  return entry.starts_with("@.");
}

}  // namespace suppressd
