// Postfix's configuration, from what postconf(1) prints: `postconf`, `postconf -n`, `-M` and `-P`.
//
// Values are expanded as Postfix does it ($name, ${name?{this}:{that}}); the `-o` options of a service come
// before main.cf. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace suppressd {

struct PostconfOutput {
  std::string defaults;  ///< `postconf`: all parameters.
  std::string set;       ///< `postconf -n`: those of main.cf.
  std::string services;  ///< `postconf -M`
  std::string options;   ///< `postconf -P`
};

/// A line of master.cf.
struct PostfixService {
  std::string name;  ///< `submission`, `127.0.0.1:10025`
  std::string type;  ///< `inet`, `unix`, `pass`
  bool chroot = false;
  std::string program;  ///< `smtpd`
  std::map<std::string, std::string, std::less<>> options;

  /// As postconf -P takes it: `submission/inet`.
  std::string place() const { return name + "/" + type; }
};

/// One filter in a list such as smtpd_milters: `unix:a/b`, or `{ unix:a/b, default_action=accept }`.
struct MilterItem {
  std::string text;  ///< As in the list.
  std::string endpoint;
  std::map<std::string, std::string, std::less<>> attributes;
};

class PostfixSettings {
 public:
  static PostfixSettings parse(const PostconfOutput& output);

  const std::vector<PostfixService>& services() const { return services_; }
  /// nullptr: there is none.
  const PostfixService* service(std::string_view name, std::string_view type) const;

  /// As it holds for the service; nullptr: main.cf.
  std::string value(const PostfixService* service, std::string_view name) const;
  std::string value(std::string_view name) const { return value(nullptr, name); }
  /// The filters of a list such as smtpd_milters. Their text is as it is written (`$suppressd_milter`), where
  /// that is one filter; else as it is expanded.
  std::vector<MilterItem> milters(const PostfixService* service, std::string_view list) const;
  /// Whether main.cf or the service sets it, or whether the default holds.
  bool is_set(const PostfixService* service, std::string_view name) const;

 private:
  std::string expand(const PostfixService* service, std::string_view text, int depth) const;
  std::string raw(const PostfixService* service, std::string_view name) const;

  std::map<std::string, std::string, std::less<>> defaults_;
  std::map<std::string, std::string, std::less<>> set_;
  std::vector<PostfixService> services_;
};

/// Of an expanded value.
std::vector<MilterItem> milters_of(std::string_view list);

/// The items of an expanded value, separated by blanks and commas, braces kept together.
std::vector<std::string> items_of(std::string_view list);

/// The file of a milter's unix socket as the host sees it, for a process of Postfix. Empty: no unix socket.
std::string socket_path_of(std::string_view endpoint, bool chroot, const std::string& queue_directory);

}  // namespace suppressd
