// Rules files as an operator may leave them: what is wrong is an error that names the file; what is right
// compiles and judges.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/config/rules_file.h"

namespace {

using namespace suppressd;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_message(const Error& error) {
  require(error.message.starts_with("mine.toml"));
  require(clean(error.message, error.message.size()) == error.message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rules = parse_rules({reinterpret_cast<const char*>(data), size}, "mine.toml");
  if (!rules) {
    check_message(rules.error());
    return 0;
  }
  const auto compiled = Ruleset::compile(*std::move(rules), ActionTable{});
  if (!compiled) {
    check_message(compiled.error());
    return 0;
  }
  for (const std::string_view text : {"550 5.1.1 No such user", "452 4.2.2 over quota", "",
                                      "554 5.7.1 <a@b.example>: blocked using example"}) {
    for (const bool temporary : {false, true}) {
      const Failure failure{.reply = parse_reply(text), .provider = "example.com", .temporary = temporary};
      const auto judgement = compiled->classify(failure);
      require(!temporary || judgement.action != Action::hard);
      int won = 0;
      for (const auto& candidate : compiled->explain(failure)) won += candidate.won ? 1 : 0;
      require(won == (judgement.rule.empty() ? 0 : 1));
    }
  }
  return 0;
}
