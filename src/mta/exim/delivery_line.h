// The fields of one delivery line as Exim writes them, before anything is made of them.
//
// Read once from the left, up to the first free text. Views point into the line. Pure, safe from any thread.
// Private to this folder and the tests.
#pragma once

#include <optional>
#include <string_view>

namespace suppressd {

/// `a@b [<c@d>] R=router T=transport [H=host [192.0.2.1]:25] ... [C="reply"]`, for a deferral with ` defer
/// (-44)` between, and where it failed `: reason` at the end.
struct EximDelivery {
  std::string_view address;
  std::string_view host;          ///< `mx.example.com [192.0.2.1]:25`; empty for a local delivery.
  std::string_view transport;     ///< Empty where it came to none.
  std::string_view confirmation;  ///< What the server said to a delivery, as Exim quotes it.
  std::string_view reason;        ///< Free text.
};

/// `fields` is what comes after `=> ` and the like. nullopt: no address, or a quote that never closes.
std::optional<EximDelivery> read_exim_delivery(std::string_view fields);

}  // namespace suppressd
