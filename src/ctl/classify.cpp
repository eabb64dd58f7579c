#include <unistd.h>

#include "classify_message.h"
#include "commands.h"
#include "json_writer.h"
#include "line_judge.h"
#include "line_reader.h"

namespace suppressd::ctl {
namespace {

struct Options {
  std::vector<std::string> files;
  bool explain = false;
  bool message = false;
};

std::string_view word_of(AttemptStatus status) {
  switch (status) {
    case AttemptStatus::sent:
      return "sent";
    case AttemptStatus::deferred:
      return "deferred";
    case AttemptStatus::bounced:
      return "bounced";
  }
  return {};
}

/// Times as text; most lines have the time of the line before.
class TimeText {
 public:
  const std::string& of(Time time) {
    if (time != last_ || text_.empty()) {
      last_ = time;
      text_ = format_time(time);
    }
    return text_;
  }

 private:
  Time last_;
  std::string text_;
};

class Classifier {
 public:
  Classifier(Output& out, const Ruleset& rules, LineJudge judge, bool explain)
      : out_(out), rules_(rules), judge_(std::move(judge)), explain_(explain) {}

  void take(std::string_view line) {
    const auto verdict = judge_.judge(line);
    json_.clear();
    json_.begin_object();
    json_.begin_array("recipients");
    for (const auto& recipient : judge_.recipients()) json_.element(recipient);
    json_.end_array();
    json_.member("category", name_of(verdict.category));
    json_.member("action", name_of(verdict.action));
    json_.optional_member("rule", verdict.rule);
    json_.member("weak", verdict.weak);
    json_.optional_member("code", verdict.code);
    json_.optional_member("status", format_status(verdict.status));
    json_.optional_member("stage",
                          verdict.stage == Stage::unknown ? std::string_view{} : name_of(verdict.stage));
    json_.member("temporary", verdict.temporary);
    json_.optional_member("provider", verdict.provider);
    json_.optional_member("mta", verdict.mta);
    write_event(verdict);
    if (explain_) write_explanations(json_, rules_, verdict.failure);
    json_.end_object();
    json_.end_line();
    out_.raw(json_.text());
  }

 private:
  void write_event(const LineVerdict& verdict) {
    const Event* event = verdict.event;
    const bool attempt = event != nullptr && event->kind() == EventKind::attempt;
    const bool timed = event != nullptr && event->at != Time{};
    const QueueKey key = event != nullptr ? event->key : QueueKey{};
    json_.optional_member("queue_id", key.queue_id);
    json_.optional_member("result", attempt ? word_of(event->attempt().status) : std::string_view{});
    json_.optional_member("relay", attempt ? event->attempt().relay.text : std::string_view{});
    json_.member("handed_over", verdict.handed_over);
    json_.optional_member("host", key.host);
    json_.optional_member("at", timed ? std::string_view(times_.of(event->at)) : std::string_view{});
  }

  Output& out_;
  const Ruleset& rules_;
  LineJudge judge_;
  bool explain_;
  JsonWriter json_;
  TimeText times_;
};

Result<ByteStream> open_input(const std::string& name) {
  if (name == "-") return ByteStream::adopt(dup(STDIN_FILENO), "standard input");
  return ByteStream::open(name);
}

Status classify_file(Context& context, const Ruleset& rules, const std::string& name, bool explain) {
  auto bytes = open_input(name);
  if (!bytes) return bytes.error();
  auto judge = LineJudge::make(context.config(), rules, name == "-" ? context.now() : bytes->modified());
  if (!judge) return judge.error();
  Classifier classifier(context.out(), rules, std::move(*judge), explain);
  LineReader lines(std::move(*bytes));
  while (true) {
    auto line = lines.next();
    if (!line) return line.error();
    if (!*line) return {};
    classifier.take(**line);
  }
}

Result<int> classify(Context& context, const Options& options) {
  const auto rules = context.rules();
  if (!rules) return rules.error();
  const auto files = options.files.empty() ? std::vector<std::string>{"-"} : options.files;
  if (options.message) {
    if (auto done = classify_messages(context, *rules, files, options.explain); !done) return done.error();
    return kSuccess;
  }
  for (const auto& file : files) {
    if (auto done = classify_file(context, *rules, file, options.explain); !done) return done.error();
  }
  return kSuccess;
}

}  // namespace

void add_classify(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command =
      program.add("classify",
                  "Classify lines of a mail log, bare replies, or messages: one JSON object per line "
                  "or recipient. Needs no database",
                  [options](Context& context) { return classify(context, *options); });
  command->add_option("FILE", options->files, "Files, plain or compressed; `-` or none: standard input")
      ->option_text("...");
  command->add_flag("--message", options->message, "Each file is a mail: a bounce, a complaint, or neither");
  command->add_flag(
      "--explain", options->explain,
      "Also show whom the reply blames, at which stage, by which words, and the rules that matched");
}

}  // namespace suppressd::ctl
