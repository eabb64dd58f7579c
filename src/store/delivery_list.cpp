#include "delivery_list.h"

#include <array>
#include <charconv>
#include <optional>

namespace suppressd {
namespace {

constexpr std::string_view kNothing = "-";
constexpr std::string_view kAsBefore = "=";

std::string_view take_field(std::string_view& line) {
  const auto end = line.find(' ');
  const auto field = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return field;
}

std::optional<std::int64_t> number_of(std::string_view field) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
  if (error != std::errc{} || end != field.data() + field.size()) return std::nullopt;
  return number;
}

void add_name(std::string& text, const std::string& name, const std::string* before) {
  text += ' ';
  if (name.empty())
    text += kNothing;
  else if (before != nullptr && *before == name)
    text += kAsBefore;
  else
    text += name;
}

std::string name_of_field(std::string_view field, const std::string& before) {
  if (field == kNothing) return {};
  return field == kAsBefore ? before : std::string{field};
}

}  // namespace

std::string text_of_deliveries(std::span<const ListEvent> events) {
  std::string text;
  const MessageKey* before = nullptr;
  for (const auto& event : events) {
    if (event.id.kind != ListEventKind::delivery) continue;
    const auto& message = event.id.message;
    std::array<char, 24> digits;
    const auto add = [&](std::int64_t number) {
      text.append(digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr);
    };
    if (before != nullptr) text += '\n';
    add(to_unix(event.id.ended));
    text += ' ';
    add((event.id.ended - message.entered).count());
    add_name(text, message.queue_id, nullptr);
    add_name(text, message.host, before != nullptr ? &before->host : nullptr);
    add_name(text, message.instance, before != nullptr ? &before->instance : nullptr);
    before = &message;
  }
  return text;
}

std::vector<ListEvent> deliveries_of_text(std::string_view text) {
  std::vector<ListEvent> events;
  MessageKey before;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto ended = number_of(take_field(line));
    const auto since_entry = number_of(take_field(line));
    MessageKey message;
    message.queue_id = name_of_field(take_field(line), {});
    message.host = name_of_field(take_field(line), before.host);
    message.instance = name_of_field(take_field(line), before.instance);
    if (!ended || !since_entry || message.queue_id.empty()) continue;
    message.entered = from_unix(*ended - *since_entry);
    before = message;
    events.push_back({.id = {.ended = from_unix(*ended),
                             .kind = ListEventKind::delivery,
                             .phase = FailurePhase::end,
                             .message = std::move(message)},
                      .details = {}});
  }
  return events;
}

}  // namespace suppressd
