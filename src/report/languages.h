// What mails say about delivery, in many languages, as data. Private to this layer.
//
// Servers use the language of their users. One row is one language; it says how a mail says that a message
// was not delivered, that it is only late, or that no one is there to read it.
#pragma once

#include <string_view>

namespace suppressd::report {

/// A message was not delivered.
bool tells_of_failure(std::string_view text);
/// A message arrived, in English.
bool tells_of_success(std::string_view text);
/// It ends with words that say whom to write to instead: what follows is not a recipient.
bool ends_in_contact(std::string_view text);
/// A message is late, and is still tried.
bool tells_of_delay(std::string_view text);
/// It says that the sender's server will retry, not only that a message is late.
bool tells_of_retry(std::string_view text);
/// Of a subject: it is an automatic answer in a person's name.
bool is_subject_of_answer(std::string_view subject);
/// Of a subject: it reports a failure in words that are not everyday words.
bool is_subject_of_failure(std::string_view subject);

}  // namespace suppressd::report
