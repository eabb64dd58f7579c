// Whom a server's words are about: the recipient, the sender, the message, our host.
//
// "User unknown" is a dead mailbox, "Sender address rejected: user unknown" is not: the clause around a
// phrase says what it blames. The words that name a subject are data (`[words]` in
// conf/rules.toml). Pure, safe from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/core/category.h"

namespace suppressd {

enum class Subject : std::uint8_t { none, recipient, sender, message, our_host, their_server };
std::string_view name_of(
    Subject subject);  ///< `none`, `recipient`, `sender`, `message`, `our-host`, `their-server`.

/// Patterns (RE2) of the words that name each subject. Empty: that subject is never found.
struct SubjectWords {
  std::string recipient;
  std::string sender;
  std::string message;
  std::string our_host;
  std::string refusal;  ///< What says that someone refuses, not that someone does not exist.
  std::string reason;   ///< What makes a reason that has nothing to do with a mailbox: a language, an
                        ///< attachment, `mail from`.
};

struct Named {
  Subject subject = Subject::none;
  std::string_view words;  ///< That name it; a part of the wording.

  explicit operator bool() const { return subject != Subject::none; }
};

class Subjects {
 public:
  /// Finds nothing.
  Subjects();
  /// Error: a pattern that RE2 rejects.
  static Result<Subjects> compile(const SubjectWords& words);
  Subjects(Subjects&&) noexcept;
  Subjects& operator=(Subjects&&) noexcept;
  ~Subjects();

  /// Whether any but the recipient is named, anywhere in the text: if not, the next two find nothing.
  bool names_others(std::string_view wording) const;

  /// Whether the clause of `wording` (wording.h) in which `words` stand blames the sender or our host; none:
  /// it does not. `words` is a part of `wording`.
  Named other_than_recipient(std::string_view wording, std::string_view words) const;

  /// What is blamed in what follows `words`, for phrases so vague that a reason after them says more: sender,
  /// our host or message.
  Named named_after(std::string_view wording, std::string_view words) const;

  /// The words by which the text refuses something; empty: none.
  std::string_view refusal_in(std::string_view wording) const;

  /// Whom the whole text is about. If it names several: the sender, our host, a reason that is the
  /// message's, the recipient, the message.
  Named named_in(std::string_view wording) const;

  /// Whether any pattern was given.
  bool known() const;

 private:
  struct Patterns;
  std::unique_ptr<const Patterns> patterns_;
};

/// Up to the MTA's remark at which command the reply came, or the first link: neither blames anyone.
std::string_view prose_of(std::string_view wording);

/// Whom a category is about.
Subject subject_of(Category category);

}  // namespace suppressd
