#include "suppressd/core/packed_changes.h"

#include "suppressd/core/packed.h"

namespace suppressd {
namespace {

constexpr std::size_t kPiece = 1000;

// Every field, for those who pack and unpack it.
template <typename Visit, typename Key>
void visit_key(Visit&& visit, Key& key) {
  visit(key.host, key.instance, key.queue_id, key.entered);
}

template <typename Visit, typename SomeMessage>
void visit_message(Visit&& visit, SomeMessage& message) {
  visit_key(visit, message.key);
  visit(message.sender_known, message.null_sender, message.sender, message.message, message.last_line,
        message.recipients, message.ended);
}

/// All but the address and the reason.
template <typename Visit, typename SomeSend>
void visit_send(Visit&& visit, SomeSend& send) {
  visit(send.first_failed, send.last_failed, send.attempts, send.deferred, send.counted);
}

}  // namespace

void PackedChanges::remove(const MessageKey& key) {
  visit_key(Packer{removed_.bytes}, key);
  ++removed_.size;
}

void PackedChanges::add(const Message& message) {
  visit_message(Packer{messages_.bytes}, message);
  ++messages_.size;
}

void PackedChanges::remove_send(const MessageKey& key, std::string_view address) {
  Packer packer(removed_sends_.bytes);
  visit_key(packer, key);
  packer(address);
  ++removed_sends_.size;
}

void PackedChanges::add_send(const MessageKey& key, std::string_view address, const Send& send) {
  Packer packer(sends_.bytes);
  visit_key(packer, key);
  packer(address);
  visit_send(packer, send);
  reasons_.push_back(send.reason);
  ++sends_.size;
}

void PackedChanges::shrink() {
  for (List* list : {&removed_, &messages_, &removed_sends_, &sends_}) list->bytes.shrink_to_fit();
  reasons_.shrink_to_fit();
}

Status PackedChanges::each_piece(const std::function<Status(const TrackerChanges&)>& take) const {
  TrackerChanges piece;
  const auto in_pieces = [&](const List& packed, auto& list, auto&& unpack) -> Status {
    Unpacker unpacker(packed.bytes.data());
    for (std::size_t i = 0; i < packed.size; ++i) {
      unpack(unpacker, list.emplace_back(), i);
      if (list.size() < kPiece && i + 1 < packed.size) continue;
      if (auto taken = take(piece); !taken) return taken;
      list.clear();
    }
    return {};
  };
  const auto key = [](Unpacker& unpacker, MessageKey& removed, std::size_t) { visit_key(unpacker, removed); };
  const auto message = [](Unpacker& unpacker, Message& changed, std::size_t) {
    visit_message(unpacker, changed);
  };
  const auto removed_send = [](Unpacker& unpacker, std::pair<MessageKey, std::string>& removed, std::size_t) {
    visit_key(unpacker, removed.first);
    unpacker(removed.second);
  };
  const auto send = [this](Unpacker& unpacker, std::pair<MessageKey, Send>& changed, std::size_t number) {
    visit_key(unpacker, changed.first);
    unpacker(changed.second.address);
    visit_send(unpacker, changed.second);
    changed.second.reason = reasons_[number];
  };
  if (auto given = in_pieces(removed_, piece.removed, key); !given) return given;
  if (auto given = in_pieces(messages_, piece.messages, message); !given) return given;
  if (auto given = in_pieces(removed_sends_, piece.removed_sends, removed_send); !given) return given;
  return in_pieces(sends_, piece.sends, send);
}

}  // namespace suppressd
