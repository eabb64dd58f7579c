#include "suppressd/milter/gatekeeper.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/milter/network.h"

namespace suppressd {
namespace {

constexpr std::size_t kTextLimit = 900;
constexpr std::size_t kFieldLimit = 320;
constexpr int kRefused = 550;
constexpr int kTryLater = 451;

}  // namespace

// An entry may have been written by hand.
std::string reply_text(std::string_view text) {
  std::string result = clean(text, kTextLimit);
  std::ranges::replace_if(
      result, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return result;
}

struct Gatekeeper::Parts {
  GatekeeperSettings settings;
  Lookup& lookup;
  std::unordered_set<std::string> senders;
  std::unordered_set<std::string> sasl_users;
  std::vector<Network> networks;

  /// A bounce always passes: if it were refused, it would be lost, because no one gets the bounce
  /// of a bounce.
  bool bypasses(const Envelope& envelope) const {
    return envelope.null_sender || bypasses_sender(envelope.sender) ||
           sasl_users.contains(envelope.sasl_user) || bypasses_client(envelope.client_ip);
  }

  bool bypasses_sender(std::string_view sender) const {
    if (senders.empty()) return false;
    const auto address = canonical_address(sender);
    return address && CoveringKeys(*address, {}).any(true, [&](std::string_view key) {
      return senders.contains(std::string(key));
    });
  }

  bool bypasses_client(std::string_view client) const {
    if (networks.empty()) return false;
    const auto address = parse_ip(client);
    return address &&
           std::ranges::any_of(networks, [&](const Network& network) { return network.contains(*address); });
  }
};

Result<std::shared_ptr<const Gatekeeper>> Gatekeeper::make(GatekeeperSettings settings, Lookup& lookup) {
  auto parts = std::make_unique<Parts>(Parts{std::move(settings), lookup, {}, {}, {}});
  for (const auto& text : parts->settings.bypass_senders) {
    auto entry = canonical_entry(text);
    if (!entry)
      return Error{"milter.bypass_senders: " + entry.error().message +
                   " (write user@example.com, @example.com or @.example.com)"};
    parts->senders.insert(std::move(*entry));
  }
  for (const auto& user : parts->settings.bypass_sasl_users) {
    if (trim(user).empty())
      return Error{"milter.bypass_sasl_users: an entry is empty; write the login name as the MTA logs it"};
    parts->sasl_users.insert(user);
  }
  for (const auto& text : parts->settings.bypass_networks) {
    auto network = Network::parse(text);
    if (!network) return Error{"milter.bypass_networks: " + network.error().message};
    parts->networks.push_back(*network);
  }
  return std::shared_ptr<const Gatekeeper>(new Gatekeeper(std::move(parts)));
}

Gatekeeper::Gatekeeper(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Gatekeeper::~Gatekeeper() = default;

const GatekeeperSettings& Gatekeeper::settings() const {
  return parts_->settings;
}

bool Gatekeeper::bypasses(const Envelope& envelope) const {
  return parts_->bypasses(envelope);
}

Ruling Gatekeeper::undecided(const Envelope& envelope) const {
  Ruling ruling;
  if (parts_->settings.on_error == OnError::accept || parts_->settings.mode == Mode::monitor ||
      parts_->bypasses(envelope))
    return ruling;
  ruling.kind = Ruling::Kind::tempfail;
  ruling.code = kTryLater;
  ruling.status = "4.3.0";
  ruling.text = "the recipient cannot be checked now, try again later";
  return ruling;
}

Result<bool> Gatekeeper::exempt(std::string_view address) const {
  return parts_->lookup.exempt({address, parts_->settings.recipient_delimiter});
}

Ruling Gatekeeper::rule(const Envelope& envelope, std::string_view recipient, Time now) const {
  auto address = canonical_address(recipient);
  if (!address) return {};
  const std::string_view sender = envelope.null_sender ? std::string_view{} : envelope.sender;
  LookupResult found = parts_->lookup.find({*address, parts_->settings.recipient_delimiter}, sender, now);
  if (found.answer == LookupResult::Answer::clear) {
    Ruling ruling;
    ruling.address = std::move(*address);
    return ruling;
  }
  if (found.answer == LookupResult::Answer::error) {
    Ruling ruling = undecided(envelope);
    ruling.address = std::move(*address);
    ruling.error = std::move(found.error);
    if (ruling.error.empty()) ruling.error = "the look-up failed without a reason";
    return ruling;
  }

  const bool half_open = found.answer == LookupResult::Answer::half_open;
  const bool bypassed = parts_->bypasses(envelope);
  const bool enforced = !bypassed && parts_->settings.mode == Mode::enforce && found.enforced;
  Ruling ruling;
  if (half_open && !found.probe) {
    if (!enforced) {  // it passes, but it is no probe
      ruling.address = std::move(*address);
      return ruling;
    }
    ruling.probe = Probe{.address = found.entry.address,
                         .kind = found.entry.kind,
                         .recipient = *address,
                         .queue_id = {},
                         .since = {}};
  }
  ruling.suppressed = true;
  ruling.note.at = now;
  ruling.note.address = *address;
  ruling.address = std::move(*address);
  ruling.note.sender = clean(envelope.sender, kFieldLimit);
  ruling.note.client = envelope.client_ip.empty() ? "local" : clean(envelope.client_ip, kFieldLimit);
  ruling.note.kind = name_of(found.entry.kind);
  ruling.note.category = found.entry.category;
  ruling.note.ref = ref_of(found.entry);
  ruling.bypassed = bypassed;
  if (!enforced) return ruling;

  RefusalText refusal = half_open ? half_open_text(found.entry) : refusal_text(found.entry);
  ruling.kind = Ruling::Kind::refuse;
  ruling.code = kRefused;
  ruling.status = std::move(refusal.status);
  ruling.text = reply_text(refusal.text);
  if (ruling.probe) ruling.no_room = reply_text(untested_text(found.entry).text);
  return ruling;
}

}  // namespace suppressd
