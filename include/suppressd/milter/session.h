// One connection of an MTA: the message it is sending, and the answers.
//
// Knows the protocol's steps but not libmilter. SMTP mail is answered recipient by recipient at
// RCPT. Non-SMTP mail (Postfix's `sendmail` command, its pickup and its own bounces) must never be
// refused there: Postfix would keep the whole message in its maildrop and retry it forever,
// although the submitter saw success. So its suppressed recipients are removed at the end of the
// message, or the message is refused as a whole if no other recipient is left. Notes of refusals
// wait for the queue ID, which Postfix gives from the second recipient on; they are handed over at
// the end of the message, at its abort, or at the latest with the session. A recipient whose entry is
// half open passes if this message gets the claim, which it holds until its end: then it is the probe.
// If the message ends in any other way, the claim is free again. Used by one thread at a time. Throws only
// std::bad_alloc and what a Lookup throws; failed() then says what to answer.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/collected_mail.h"
#include "suppressd/core/probe_claims.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/tags.h"
#include "suppressd/core/trace.h"
#include "suppressd/milter/counters.h"
#include "suppressd/milter/gatekeeper.h"
#include "suppressd/milter/message_pause.h"
#include "suppressd/milter/reporter.h"

namespace suppressd {

/// The rules that sessions follow. A reload replaces them as a whole; a session uses the new ones
/// for its next message.
struct SessionRules {
  std::shared_ptr<const Gatekeeper> gatekeeper;
  std::shared_ptr<const TraceKeys> trace_keys;  ///< Null: outbound mail gets no trace.
  std::vector<std::string> inbound_daemons;  ///< `{daemon_name}` of services that receive mail from outside.
  TagSources tags = {};
  std::shared_ptr<const BreakerRules> breaker = {};  ///< Null: it is off.
};

/// What the sessions of a filter share.
struct SessionContext {
  RefusalQueue& refusals;
  MailQueue& mails;
  ProbeClaims& probes;
  TagQueue& tags;
  FilterCounters& counters;
  Reporter& reporter;
};

/// MAIL. Views need not outlive the call.
struct SenderStep {
  std::string_view argument;   ///< As the client gave it: `<a@b>`, `<>`, empty.
  std::string_view queue_id;   ///< `i`; Sendmail sets it here, and Postfix for non-SMTP mail.
  std::string_view sasl_user;  ///< `{auth_authen}`
  std::string_view client_ip;  ///< `{client_addr}`; empty: use the address of set_client().
  std::string_view daemon;     ///< `{daemon_name}`
};

/// RCPT. A recipient may have two names, and either may be on the list: Postfix logs `{rcpt_addr}`,
/// Sendmail logs the argument, and a report names the address that the mail went to.
struct RecipientStep {
  std::string_view argument;  ///< As the client gave it; bare for non-SMTP mail.
  /// `{rcpt_addr}`, which Postfix has rewritten, but before virtual aliases, and Sendmail after
  /// virtusertable and CNAMEs.
  std::string_view address;
  std::string_view mailer;  ///< `{rcpt_mailer}`; missing for non-SMTP mail.
  std::string_view queue_id;
};

/// The answer to the MTA.
struct Answer {
  enum class Kind { proceed, accept, refuse, tempfail, skip };  ///< `skip`: no more of the body is needed.
  Kind kind = Kind::proceed;
  int code = 0;  ///< For refuse and tempfail.
  std::string status;
  std::string text;
};

/// The changes to a message that are possible at its end. Each returns whether it worked.
struct MessageEdit {
  std::function<bool(const std::string& argument)> remove_recipient;
  std::function<bool(const std::string& name, const std::string& value)> add_header;
  std::function<bool(const std::string& reason)> hold = {};  ///< Puts it into the MTA's hold queue.
};

class Session {
 public:
  explicit Session(const SessionContext& context)
      : context_(context), pause_(context.counters, context.reporter) {}
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Address of the client, if the MTA gives it at the connection and not at MAIL.
  void set_client(std::string ip) { client_ip_ = std::move(ip); }

  /// Whether the MTA waits for an answer to MAIL, as was negotiated for the session. Else, what is paused is
  /// answered at RCPT.
  void set_answers_mail(bool answers) { answers_mail_ = answers; }
  bool answers_mail() const { return answers_mail_; }

  /// MAIL begins a message. Finishes the previous one if that is still open.
  Answer begin(std::shared_ptr<const SessionRules> rules, const SenderStep& step, Time now = wall_clock());

  /// RCPT. Never `accept`: Postfix would then not query the later recipients.
  Answer recipient(const RecipientStep& step, Time now);

  /// DATA. `accept` if nothing remains to be done at the end of the message, so that the MTA need
  /// not query again.
  Answer data(std::string_view queue_id);

  /// Header and body; mail from outside is kept if it may be a report, all other is read for tags. `accept`
  /// and `skip`: the rest is of no interest.
  void header(std::string_view name, std::string_view value);
  Answer headers_end(Time now = wall_clock());
  Answer body(std::string_view piece);

  /// End of the message.
  Answer end(std::string_view queue_id, const MessageEdit& edit, Time now);

  /// The message has ended or was aborted: hands over the waiting notes.
  void finish();

  /// The answer if recipient(), data() or end() threw.
  enum class Step { recipient, rest };
  Answer failed(Step step) noexcept;

 private:
  struct Removal {
    std::string argument;
    Refusal note;
  };

  Ruling rule_on(const RecipientStep& step, Time now) const;
  Ruling try_to_probe(const RecipientStep& step, Time now, Ruling refused);
  void send_probes(Time now);
  bool wants_tags() const { return rules_ && rules_->tags.any() && !envelope_.null_sender; }
  void send_tags(Time now);
  void ask_breaker(MessagePause::Stage stage, Time now);
  std::optional<Answer> pause_answer() const;
  std::optional<Answer> hold_paused(const MessageEdit& edit);
  void learn_queue_id(std::string_view queue_id);
  void offer_waiting();
  void note(Refusal refusal, std::string_view outcome);
  void remember_removal(std::string_view argument, Ruling ruling);
  std::optional<Answer> whole_message_answer();
  void offer_removals(std::string_view outcome);
  bool wants_trace() const;

  SessionContext context_;
  std::string client_ip_;
  std::shared_ptr<const SessionRules> rules_;
  Envelope envelope_;
  bool id_at_mail_ = false;
  bool non_smtp_ = false;
  bool answers_mail_ = false;
  std::vector<Refusal> waiting_;  ///< Refused at RCPT, while the queue id is not known yet.

  std::vector<std::string> traced_;        ///< Recipients that were let through, canonical.
  std::vector<std::string> traced_names_;  ///< Their second names.

  std::vector<Probe> probes_;  ///< Half-open entries of which this message has the claim.

  MessagePause pause_;
  std::int64_t accepted_ = 0;  ///< Recipients.

  Tags tags_;
  std::optional<Time> begun_;  ///< First recipient.

  bool inbound_ = false;
  bool report_like_ = false;  ///< Its header looks like that of a report.
  std::string collected_;

  // Non-SMTP mail only.
  std::size_t recipients_ = 0;
  std::size_t suppressed_ = 0;
  std::vector<Removal> removals_;
  Answer refusal_;          ///< The answer if all recipients are suppressed.
  bool undecided_ = false;  ///< A recipient could not be looked up, and `on_error` is tempfail.
};

}  // namespace suppressd
