#include "mime_parts.h"

#include <algorithm>

#include "suppressd/base/text.h"
#include "suppressd/report/reader.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kLongestBoundary = 200;
constexpr int kLinesToGuess = 80;  ///< How far down a body's own boundary is searched.
constexpr int kLinesAtTop = 6;     ///< And in a mail without Content-Type.
constexpr std::size_t kBytesToGuess = std::size_t{64} << 10;

struct Entity {
  MailHeader header;
  ContentType content;
  std::string_view body;
  int depth = 0;
};

bool is_multipart(const ContentType& content) {
  return content.type.starts_with("multipart/");
}

/// 0: no delimiter of that boundary, 1: it begins a part, 2: it ends the last.
int delimits(std::string_view line, std::string_view boundary) {
  if (!line.starts_with("--") || !line.substr(2).starts_with(boundary)) return 0;
  const auto rest = trim(line.substr(2 + boundary.size()));
  if (rest.empty()) return 1;
  return rest == "--" ? 2 : 0;
}

/// The bodies between the delimiters. Nothing if the boundary does not occur.
std::vector<std::string_view> between(std::string_view body, std::string_view boundary) {
  std::vector<std::string_view> found;
  if (boundary.empty() || boundary.size() > kLongestBoundary) return found;
  std::string_view rest = body;
  const char* begin = nullptr;
  const auto close = [&](const char* end) {
    if (begin != nullptr) found.emplace_back(begin, static_cast<std::size_t>(end - begin));
  };
  while (!rest.empty() && found.size() < static_cast<std::size_t>(kReportParts)) {
    const auto line = take_line(rest);
    const int kind = delimits(line, boundary);
    if (kind == 0) continue;
    close(line.data());
    begin = kind == 1 ? rest.data() : nullptr;
    if (kind == 2) return found;
  }
  close(body.data() + body.size());
  return found;
}

/// A line near the top that begins with `--`, has no blank, and occurs again or is followed by a Content
/// field.
std::string guessed_boundary(std::string_view body, int lines) {
  std::string_view rest = body;
  for (int i = 0; i < lines && !rest.empty(); ++i) {
    const auto line = trim(take_line(rest));
    if (line.size() < 6 || line.size() > kLongestBoundary || !line.starts_with("--") ||
        line.find_first_of(" \t") != std::string_view::npos ||
        line.find_first_not_of('-') == std::string_view::npos) {
      continue;
    }
    const bool described = starts_with_ignoring_case(rest, "content-");
    const bool again = rest.substr(0, kBytesToGuess).find("\n" + std::string(line)) != std::string_view::npos;
    if (described || (again && (rest.starts_with('\n') || is_field(rest))))
      return std::string(line.substr(2));
  }
  return {};
}

/// What is in a multipart, or in a body that is one although nothing says so.
std::vector<std::string_view> bodies_in(const Entity& entity) {
  const bool multipart = is_multipart(entity.content);
  if (multipart) {
    if (auto found = between(entity.body, entity.content.boundary); !found.empty()) return found;
  }
  if (!multipart && (entity.depth > 0 || entity.header.has("content-type"))) return {};
  return between(entity.body, guessed_boundary(entity.body, multipart ? kLinesToGuess : kLinesAtTop));
}

}  // namespace

std::vector<Part> parts_of(const MailHeader& header, std::string_view body) {
  std::vector<Part> parts;
  std::vector<Entity> waiting;  // The next one is the last.
  waiting.push_back({header, content_type(header.value("content-type")), body, 0});
  int seen = 0;
  while (!waiting.empty() && seen < kReportParts) {
    ++seen;
    auto entity = std::move(waiting.back());
    waiting.pop_back();
    auto bodies = entity.depth < kReportDepth ? bodies_in(entity) : std::vector<std::string_view>{};
    if (bodies.empty()) {
      if (is_multipart(entity.content))
        entity.content.type = "text/plain";  // One without parts: its text may still say something.
      parts.push_back({std::move(entity.header), std::move(entity.content), entity.body});
      continue;
    }
    std::ranges::reverse(bodies);
    for (auto rest : bodies) {
      Entity child;
      child.header = MailHeader::take(rest);
      child.content = content_type(child.header.value("content-type"));
      child.body = rest;
      child.depth = entity.depth + 1;
      waiting.push_back(std::move(child));
    }
  }
  return parts;
}

std::string text_of(const Part& part, std::size_t limit) {
  auto text = to_utf8(decoded(part.body, part.header.value("content-transfer-encoding"), limit),
                      part.content.charset);
  std::erase(text, '\r');
  if (text.size() > limit) text.resize(limit);
  return part.content.type == "text/html" ? text_of_html(text) : text;
}

}  // namespace suppressd::report
