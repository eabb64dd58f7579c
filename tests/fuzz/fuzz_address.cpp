// Addresses and domains as clients, logs and mails write them: what is canonical stays as it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/core/provider.h"

namespace {

using namespace suppressd;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto address = canonical_address(text);
  if (address) {
    const auto again = canonical_address(*address);
    require(again && *again == *address);
    const auto bracketed = canonical_address('<' + *address + '>');
    require(bracketed && *bracketed == *address);
    const auto entry = canonical_entry(*address);
    require(entry && *entry == *address);
    require(clean(*address, address->size()) == *address);
    require(to_lower(*address) == *address);
    const auto domain = canonical_domain(domain_of(*address));
    require(domain && *domain == domain_of(*address));
    require(!registrable_domain(domain_of(*address)).empty());
  } else {
    require(!address.error().message.empty());
    require(clean(address.error().message, address.error().message.size()) == address.error().message);
  }
  if (const auto entry = canonical_entry(text)) {
    const auto again = canonical_entry(*entry);
    require(again && *again == *entry);
  }
  if (const auto domain = canonical_domain(text)) {
    const auto again = canonical_domain(*domain);
    require(again && *again == *domain);
  }
  (void)canonical_address(text, "default.example");
  return 0;
}
