#include "suppressd/milter/filter.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include "suppressd/milter/session.h"

#include "setreply.h"

namespace suppressd {
namespace {

// Requested at each stage, instead of the MTA's own lists. `{client_addr}` at MAIL makes the
// connection's own step unnecessary.
constexpr char kMacrosAtMail[] = "i {auth_authen} {client_addr} {daemon_name}";
constexpr char kMacrosAtRcpt[] = "i {rcpt_addr} {rcpt_mailer}";
constexpr char kMacrosAtData[] = "i";

// Only MAIL, RCPT, DATA and the end of the message; MAIL needs no reply, unless a breaker asks there.
constexpr unsigned long kProtocol = SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_MAIL;
constexpr unsigned long kActions = SMFIF_DELRCPT | SMFIF_ADDHDRS | SMFIF_SETSYMLIST;
// Header and body are requested only for mail from outside, and the header alone for tags. Only the first
// part of the body is needed. The end of the header is requested with it: after a message without any header,
// libmilter does not answer the end of the message otherwise (its states cannot skip what was negotiated).
constexpr unsigned long kWithoutContent = SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY;
constexpr unsigned long kWithHeader = SMFIP_NOBODY | SMFIP_NR_HDR;
constexpr unsigned long kWithContent = SMFIP_NR_HDR | SMFIP_SKIP;

constexpr std::chrono::milliseconds kLook{5};  // between two looks at whether others have ended
// How long a stop waits for sessions to end. New ones wait meanwhile, and no MTA waits longer than
// seconds.
constexpr std::chrono::milliseconds kGrace{3000};
constexpr std::chrono::milliseconds kNegotiation{20};  // from an accepted connection to its session

constexpr int kLookUp = SIGURG;  // it only cuts a wait short

// libmilter's functions take char* but do not change the text.
char* unchanged(const char* text) {
  return const_cast<char*>(text);
}

std::string_view macro(SMFICTX* context, const char* name) {
  const char* value = smfi_getsymval(context, unchanged(name));
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

std::string client_of(const sockaddr* address) {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, buffer, sizeof buffer);
  } else if (address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, buffer, sizeof buffer);
  }
  return buffer;
}

}  // namespace

struct Filter::Parts {
  Parts(RefusalQueue& refusals, MailQueue& mails, ProbeClaims& probes, TagQueue& tags, Report report)
      : reporter(std::move(report)), context{refusals, mails, probes, tags, counters, reporter} {}

  FilterCounters counters;
  Reporter reporter;
  SessionContext context;
  std::optional<ListeningSocket> socket;

  std::mutex mutex;  ///< Guards `rules` and `sessions`.
  std::shared_ptr<const SessionRules> rules;
  /// Owned here, found through smfi_getpriv.
  std::unordered_map<Session*, std::unique_ptr<Session>> sessions;

  std::mutex listener_mutex;
  std::optional<pthread_t> listener;  ///< The thread in which libmilter waits for connections.

  void set_listener(std::optional<pthread_t> thread) {
    const std::lock_guard lock(listener_mutex);
    listener = thread;
  }

  /// libmilter checks whether to stop when a client connects, after five seconds, or at a signal.
  void rouse_listener() {
    const std::lock_guard lock(listener_mutex);
    if (listener) pthread_kill(*listener, kLookUp);
  }

  void wait_for_sessions() {
    const auto end = std::chrono::steady_clock::now() + kGrace;
    std::this_thread::sleep_for(kNegotiation);
    while (open_sessions() != 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kLook);
  }

  std::size_t open_sessions() {
    const std::lock_guard lock(mutex);
    return sessions.size();
  }

  void use(SessionRules next) {
    content = !next.inbound_daemons.empty() ? kWithContent
              : next.tags.any_header()      ? kWithHeader
                                            : kWithoutContent;
    replies_to_mail = next.breaker && next.breaker->asks_at_mail();
    more_actions = next.breaker ? SMFIF_QUARANTINE : 0UL;
    auto shared = std::make_shared<const SessionRules>(std::move(next));
    const std::lock_guard lock(mutex);
    rules.swap(shared);
  }

  std::shared_ptr<const SessionRules> current_rules() {
    const std::lock_guard lock(mutex);
    return rules;
  }

  Session& session_of(SMFICTX* libmilter) {
    if (auto* known = static_cast<Session*>(smfi_getpriv(libmilter))) return *known;
    auto made = std::make_unique<Session>(context);
    Session& session = *made;
    {
      const std::lock_guard lock(mutex);
      sessions.emplace(&session, std::move(made));
    }
    smfi_setpriv(libmilter, &session);
    ++counters.sessions;
    return session;
  }

  sfsistat reply(SMFICTX* libmilter, const Answer& answer) {
    if (answer.kind == Answer::Kind::proceed) return SMFIS_CONTINUE;
    if (answer.kind == Answer::Kind::accept) return SMFIS_ACCEPT;
    if (answer.kind == Answer::Kind::skip) return can_skip ? SMFIS_SKIP : SMFIS_CONTINUE;
    std::string code = std::to_string(answer.code);
    std::string status = answer.status;
    std::string text = setreply_text(answer.text);
    if (smfi_setreply(libmilter, code.data(), status.data(), text.data()) != MI_SUCCESS) {
      reporter.say(
          Reporter::Subject::reply, Severity::warning,
          "libmilter rejects the reply `" + code + " " + status + " " + text + "`; the MTA uses its own");
    }
    return answer.kind == Answer::Kind::refuse ? SMFIS_REJECT : SMFIS_TEMPFAIL;
  }

  sfsistat on_connect(SMFICTX* libmilter, char* /*host*/, sockaddr* address) {
    session_of(libmilter).set_client(client_of(address));
    return SMFIS_NOREPLY;
  }

  sfsistat on_mail(SMFICTX* libmilter, char** arguments) {
    auto& session = session_of(libmilter);
    const auto answer = session.begin(current_rules(), {.argument = arguments[0],
                                                        .queue_id = macro(libmilter, "i"),
                                                        .sasl_user = macro(libmilter, "{auth_authen}"),
                                                        .client_ip = macro(libmilter, "{client_addr}"),
                                                        .daemon = macro(libmilter, "{daemon_name}")});
    return session.answers_mail() ? reply(libmilter, answer) : SMFIS_NOREPLY;
  }

  sfsistat on_rcpt(SMFICTX* libmilter, char** arguments) {
    const RecipientStep step{.argument = arguments[0],
                             .address = macro(libmilter, "{rcpt_addr}"),
                             .mailer = macro(libmilter, "{rcpt_mailer}"),
                             .queue_id = macro(libmilter, "i")};
    return reply(libmilter, session_of(libmilter).recipient(step, wall_clock()));
  }

  sfsistat on_data(SMFICTX* libmilter) {
    return reply(libmilter, session_of(libmilter).data(macro(libmilter, "i")));
  }

  sfsistat on_header(SMFICTX* libmilter, char* name, char* value) {
    session_of(libmilter).header(name, value);
    return SMFIS_NOREPLY;
  }

  sfsistat on_eoh(SMFICTX* libmilter) { return reply(libmilter, session_of(libmilter).headers_end()); }

  sfsistat on_body(SMFICTX* libmilter, unsigned char* piece, std::size_t length) {
    return reply(libmilter, session_of(libmilter).body({reinterpret_cast<const char*>(piece), length}));
  }

  sfsistat on_eom(SMFICTX* libmilter) {
    MessageEdit edit;
    edit.remove_recipient = [&](const std::string& recipient) {
      if (smfi_delrcpt(libmilter, unchanged(recipient.c_str())) == MI_SUCCESS) return true;
      reporter.say(Reporter::Subject::removal, Severity::error,
                   "libmilter cannot remove a suppressed recipient; its mail passes");
      return false;
    };
    edit.add_header = [&](const std::string& name, const std::string& value) {
      if (smfi_addheader(libmilter, unchanged(name.c_str()), unchanged(value.c_str())) == MI_SUCCESS)
        return true;
      reporter.say(Reporter::Subject::mail, Severity::warning,
                   "libmilter cannot add the trace header; a bounce of this mail will not be believed");
      return false;
    };
    edit.hold = [&](const std::string& reason) {
      return smfi_quarantine(libmilter, unchanged(reason.c_str())) == MI_SUCCESS;
    };
    return reply(libmilter, session_of(libmilter).end(macro(libmilter, "i"), edit, wall_clock()));
  }

  sfsistat on_abort(SMFICTX* libmilter) {
    session_of(libmilter).finish();
    return SMFIS_CONTINUE;
  }

  sfsistat on_close(SMFICTX* libmilter) {
    auto* session = static_cast<Session*>(smfi_getpriv(libmilter));
    smfi_setpriv(libmilter, nullptr);
    std::unique_ptr<Session> closed;
    const std::lock_guard lock(mutex);
    const auto found = sessions.find(session);
    if (found == sessions.end()) return SMFIS_CONTINUE;
    closed = std::move(found->second);
    sessions.erase(found);
    return SMFIS_CONTINUE;
  }

  // The answers if a callback threw.
  sfsistat nothing(SMFICTX* /*libmilter*/) { return SMFIS_CONTINUE; }
  sfsistat no_reply(SMFICTX* /*libmilter*/) { return SMFIS_NOREPLY; }
  sfsistat failed_at_mail(SMFICTX* libmilter) {
    const auto* session = static_cast<Session*>(smfi_getpriv(libmilter));
    return session != nullptr && session->answers_mail() ? SMFIS_CONTINUE : SMFIS_NOREPLY;
  }
  sfsistat failed_at_rcpt(SMFICTX* libmilter) { return failed(libmilter, Session::Step::recipient); }
  sfsistat failed_later(SMFICTX* libmilter) { return failed(libmilter, Session::Step::rest); }
  sfsistat failed(SMFICTX* libmilter, Session::Step step) {
    auto* session = static_cast<Session*>(smfi_getpriv(libmilter));
    return session == nullptr ? SMFIS_CONTINUE : reply(libmilter, session->failed(step));
  }

  void threw(const char* what) noexcept {
    ++counters.exceptions;
    try {
      reporter.say(Reporter::Subject::exception, Severity::error, std::string("a callback failed: ") + what);
    } catch (...) {
      // It was counted; there is no memory for a message.
    }
  }

  static std::atomic<Parts*> serving;  ///< The only way from libmilter's callbacks to the filter.
  static std::atomic<int> visitors;    ///< Callbacks that are running.
  static std::atomic_flag taken;
  static std::atomic<unsigned long> content;  ///< What new sessions request of header and body.
  static std::atomic<bool> replies_to_mail;   ///< These two: for breakers.
  static std::atomic<unsigned long> more_actions;
  static std::atomic<bool> can_skip;  ///< Whether the MTA knows SMFIS_SKIP, as all do since 2007.

  /// The lifetime of a callback, during which the Filter is not destroyed. If the filter is
  /// stopping, the callback never returns: at a stop, libmilter frees sessions even while a worker
  /// is still in one, and the MTA's own default is a better answer than ours without a look-up.
  struct Visit {
    Visit() {
      ++visitors;
      parts = serving.load();
      if (parts != nullptr) return;
      --visitors;
      for (;;) pause();
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() { --visitors; }
    Parts* parts;
  };

  /// When it returns, no callback is running, and none begins.
  static void close_doors() {
    serving = nullptr;
    while (visitors.load() != 0) std::this_thread::sleep_for(kLook);
  }

  /// Between libmilter and a callback: lets no exception pass.
  template <auto Callback, auto Fallback, sfsistat Last, typename... Arguments>
  static sfsistat trampoline(SMFICTX* libmilter, Arguments... arguments) noexcept {
    const Visit visit;
    try {
      return (visit.parts->*Callback)(libmilter, arguments...);
    } catch (const std::exception& failure) {
      visit.parts->threw(failure.what());
    } catch (...) {
      visit.parts->threw("an unknown exception");
    }
    try {
      return (visit.parts->*Fallback)(libmilter);
    } catch (...) {
      return Last;
    }
  }

  /// A session begins here, so that a stop can wait for its end. If that fails, it begins at its
  /// first step.
  /// True: it will answer MAIL, and the MTA is to wait for that.
  static bool begin_session(SMFICTX* libmilter) noexcept {
    bool answers_mail = false;
    ++visitors;
    try {
      if (Parts* const parts = serving) {
        auto& session = parts->session_of(libmilter);
        session.set_answers_mail(answers_mail = replies_to_mail);
      }
    } catch (...) {
      // Out of memory: the next step reports it.
    }
    --visitors;
    return answers_mail;
  }

  /// Throws nothing and needs no Filter: it must always run, since the other callbacks rely on what
  /// it has negotiated.
  static sfsistat negotiate(SMFICTX* libmilter, unsigned long actions, unsigned long protocol,
                            unsigned long /*f2*/, unsigned long /*f3*/, unsigned long* wanted_actions,
                            unsigned long* wanted_protocol, unsigned long* wanted_f2,
                            unsigned long* wanted_f3) noexcept {
    *wanted_actions = actions & (kActions | more_actions);
    *wanted_protocol = protocol & (kProtocol | content);
    can_skip = (protocol & SMFIP_SKIP) != 0;
    *wanted_f2 = 0;
    *wanted_f3 = 0;
    if ((actions & SMFIF_SETSYMLIST) != 0) {
      *wanted_protocol |= protocol & SMFIP_NOCONNECT;
      smfi_setsymlist(libmilter, SMFIM_ENVFROM, unchanged(kMacrosAtMail));
      smfi_setsymlist(libmilter, SMFIM_ENVRCPT, unchanged(kMacrosAtRcpt));
      smfi_setsymlist(libmilter, SMFIM_DATA, unchanged(kMacrosAtData));
      smfi_setsymlist(libmilter, SMFIM_EOM, unchanged(kMacrosAtData));
    }
    if (begin_session(libmilter)) *wanted_protocol &= ~static_cast<unsigned long>(SMFIP_NR_MAIL);
    return SMFIS_CONTINUE;
  }

  static bool register_callbacks() {
    smfiDesc description{};
    description.xxfi_name = unchanged("suppressd");
    description.xxfi_version = SMFI_VERSION;
    description.xxfi_flags = kActions | SMFIF_QUARANTINE;
    description.xxfi_negotiate = negotiate;
    description.xxfi_connect = trampoline<&Parts::on_connect, &Parts::no_reply, SMFIS_NOREPLY>;
    description.xxfi_envfrom = trampoline<&Parts::on_mail, &Parts::failed_at_mail, SMFIS_NOREPLY>;
    description.xxfi_envrcpt = trampoline<&Parts::on_rcpt, &Parts::failed_at_rcpt, SMFIS_CONTINUE>;
    description.xxfi_data = trampoline<&Parts::on_data, &Parts::failed_later, SMFIS_CONTINUE>;
    description.xxfi_header = trampoline<&Parts::on_header, &Parts::no_reply, SMFIS_NOREPLY>;
    description.xxfi_eoh = trampoline<&Parts::on_eoh, &Parts::failed_later, SMFIS_CONTINUE>;
    description.xxfi_body = trampoline<&Parts::on_body, &Parts::failed_later, SMFIS_CONTINUE>;
    description.xxfi_eom = trampoline<&Parts::on_eom, &Parts::failed_later, SMFIS_CONTINUE>;
    description.xxfi_abort = trampoline<&Parts::on_abort, &Parts::nothing, SMFIS_CONTINUE>;
    description.xxfi_close = trampoline<&Parts::on_close, &Parts::nothing, SMFIS_CONTINUE>;
    return smfi_register(description) == MI_SUCCESS;
  }
};

std::atomic<Filter::Parts*> Filter::Parts::serving{nullptr};
std::atomic<int> Filter::Parts::visitors{0};
std::atomic_flag Filter::Parts::taken;
std::atomic<unsigned long> Filter::Parts::content{kWithoutContent};
std::atomic<bool> Filter::Parts::replies_to_mail{false};
std::atomic<unsigned long> Filter::Parts::more_actions{0};
std::atomic<bool> Filter::Parts::can_skip{false};

Result<std::unique_ptr<Filter>> Filter::open(const FilterSettings& settings, SessionRules rules,
                                             RefusalQueue& refusals, MailQueue& mails, ProbeClaims& probes,
                                             TagQueue& tags, Report report) {
  const auto address = parse_socket(settings.socket);
  if (!address) return address.error();
  if (Parts::taken.test_and_set())
    return Error{"this process already has a filter, and libmilter allows only one"};
  auto parts = std::make_unique<Parts>(refusals, mails, probes, tags, std::move(report));
  parts->use(std::move(rules));
  if (!Parts::register_callbacks()) {
    Parts::taken.clear();
    return Error{"libmilter has another version than the one suppressd was built with"};
  }
  auto socket = ListeningSocket::open(*address, settings.socket_mode, settings.socket_group);
  if (!socket) {
    Parts::taken.clear();
    return socket.error();
  }
  parts->socket.emplace(std::move(*socket));
  return std::unique_ptr<Filter>(new Filter(std::move(parts)));
}

Filter::Filter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
  Parts::serving = parts_.get();
}

Filter::~Filter() {
  Parts::close_doors();
}

Status Filter::run() {
  struct sigaction nothing {};
  nothing.sa_handler = [](int) {};
  sigaction(kLookUp, &nothing, nullptr);
  parts_->set_listener(pthread_self());
  const int ended = smfi_main();
  parts_->set_listener({});
  if (ended != MI_SUCCESS) return Error{"libmilter gave up; see what it wrote to syslog"};
  return {};
}

std::size_t Filter::stop() {
  parts_->socket->leave_newcomers();
  parts_->wait_for_sessions();
  const std::size_t cut_off = parts_->open_sessions();
  Parts::close_doors();
  std::atomic<bool> stopped{false};
  const std::jthread rouser([&] {
    while (!stopped) {
      parts_->rouse_listener();
      std::this_thread::sleep_for(kLook);
    }
  });
  smfi_stop();
  stopped = true;
  return cut_off;
}

void Filter::use(SessionRules rules) {
  parts_->use(std::move(rules));
}

const FilterCounters& Filter::counters() const {
  return parts_->counters;
}

}  // namespace suppressd
