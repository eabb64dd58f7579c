// Runs a program as systemd would under a hardened unit, without systemd: tests/mta/sandbox_test.py reads the
// unit and says what.
//
//   sandbox --calls FILE --families AF_UNIX,... --writable FOLDER ... --user ID --umask OCTAL --files N --
//   PROGRAM ARGUMENT...
//
// FILE holds the names of the system calls that are allowed, a line each; all others fail with EPERM.
// Besides: a mount namespace in which only the FOLDERs can be written to, an empty capability bounding set,
// no new privileges, no writable and executable memory, no set-user-id bits, no namespaces, no other
// personality. Needs root. Exit status 125: it could not be set up, and nothing was run.
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Order {
  std::string calls;
  std::vector<int> families;
  std::vector<std::string> writable;
  uid_t user = 0;
  mode_t umask = 0;
  rlim_t files = 0;
  std::vector<char*> program;
};

/// libseccomp returns its error, everybody else sets errno.
void must(const char* what, int result) {
  if (result >= 0) return;
  throw std::runtime_error(std::string(what) + ": " + std::strerror(result == -1 ? errno : -result));
}

int family_of(const std::string& name) {
  static const std::map<std::string, int> known = {
      {"AF_UNIX", AF_UNIX}, {"AF_NETLINK", AF_NETLINK}, {"AF_INET", AF_INET}, {"AF_INET6", AF_INET6}};
  const auto found = known.find(name);
  if (found == known.end()) throw std::runtime_error("unknown address family " + name);
  return found->second;
}

Order read_order(int count, char** words) {
  Order order;
  int at = 1;
  for (; at + 1 < count && std::strcmp(words[at], "--") != 0; at += 2) {
    const std::string option = words[at];
    const std::string value = words[at + 1];
    if (option == "--calls") {
      order.calls = value;
    } else if (option == "--families") {
      std::istringstream names(value);
      for (std::string name; std::getline(names, name, ',');) order.families.push_back(family_of(name));
    } else if (option == "--writable") {
      order.writable.push_back(value);
    } else if (option == "--user") {
      order.user = static_cast<uid_t>(std::stoul(value));
    } else if (option == "--umask") {
      order.umask = static_cast<mode_t>(std::stoul(value, nullptr, 8));
    } else if (option == "--files") {
      order.files = std::stoul(value);
    } else {
      throw std::runtime_error("unknown option " + option);
    }
  }
  if (at + 1 >= count || order.calls.empty() || order.user == 0 || order.files == 0)
    throw std::runtime_error("an option is missing");
  order.program.assign(words + at + 1, words + count);
  order.program.push_back(nullptr);
  return order;
}

// ProtectSystem=strict, ReadWritePaths=

void make_read_only(const std::vector<std::string>& but) {
  must("unshare", unshare(CLONE_NEWNS));
  must("private mounts", mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
  for (const auto& folder : but)
    must("bind", mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr));
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  must("read-only mounts", mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes));
  attributes = {};
  attributes.attr_clr = MOUNT_ATTR_RDONLY;
  for (const auto& folder : but)
    must("writable mounts", mount_setattr(AT_FDCWD, folder.c_str(), 0, &attributes, sizeof attributes));
}

// CapabilityBoundingSet=, AmbientCapabilities=, User=, Limit...=, UMask=, NoNewPrivileges=

void become(const Order& order) {
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    must("bounding set", prctl(PR_CAPBSET_DROP, capability));
  }
  must("ambient set", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL));
  rlimit files{};
  must("files", getrlimit(RLIMIT_NOFILE, &files));
  files.rlim_max = std::min(files.rlim_max, order.files);  // A container may not allow the unit's.
  files.rlim_cur = files.rlim_max;
  must("files", setrlimit(RLIMIT_NOFILE, &files));
  const rlimit none{0, 0};
  must("core", setrlimit(RLIMIT_CORE, &none));
  umask(order.umask);
  must("groups", setgroups(0, nullptr));
  must("group", setresgid(order.user, order.user, order.user));
  must("user", setresuid(order.user, order.user, order.user));
  must("no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL));
}

class Filter {
 public:
  explicit Filter(std::uint32_t otherwise) : context_(seccomp_init(otherwise)) {
    if (context_ == nullptr) throw std::runtime_error("seccomp_init");
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() { seccomp_release(context_); }

  /// Names that this architecture does not have are left out, as systemd does.
  void rule(std::uint32_t action, const std::string& call, const std::vector<scmp_arg_cmp>& arguments = {}) {
    const int number = seccomp_syscall_resolve_name(call.c_str());
    if (number == __NR_SCMP_ERROR || number < 0) return;
    must(call.c_str(), seccomp_rule_add_array(context_, action, number,
                                              static_cast<unsigned>(arguments.size()), arguments.data()));
  }

  void deny(const std::string& call, unsigned argument, std::uint64_t mask) {
    rule(SCMP_ACT_ERRNO(EPERM), call, {SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, mask)});
  }

  void load() { must("seccomp_load", seccomp_load(context_)); }

 private:
  scmp_filter_ctx context_;
};

/// RestrictAddressFamilies=
void restrict_families(const std::vector<int>& allowed) {
  Filter filter(SCMP_ACT_ALLOW);
  for (int family = 0; family < AF_MAX; ++family) {
    bool denied = true;
    for (const int one : allowed) denied = denied && one != family;
    if (denied)
      filter.rule(SCMP_ACT_ERRNO(EAFNOSUPPORT), "socket",
                  {SCMP_CMP(0, SCMP_CMP_EQ, static_cast<std::uint64_t>(family))});
  }
  filter.load();
}

/// MemoryDenyWriteExecute=, RestrictSUIDSGID=, RestrictNamespaces=, LockPersonality=
void restrict_arguments() {
  Filter filter(SCMP_ACT_ALLOW);
  filter.deny("mmap", 2, PROT_EXEC | PROT_WRITE);
  filter.deny("mprotect", 2, PROT_EXEC);
  filter.deny("pkey_mprotect", 2, PROT_EXEC);
  filter.deny("shmat", 2, SHM_EXEC);
  for (const std::uint64_t bit : {S_ISUID, S_ISGID}) {
    filter.deny("chmod", 1, bit);
    filter.deny("fchmod", 1, bit);
    filter.deny("fchmodat", 2, bit);
    filter.deny("mkdir", 1, bit);
    filter.deny("mkdirat", 2, bit);
    filter.rule(
        SCMP_ACT_ERRNO(EPERM), "open",
        {SCMP_CMP(1, SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT), SCMP_CMP(2, SCMP_CMP_MASKED_EQ, bit, bit)});
    filter.rule(
        SCMP_ACT_ERRNO(EPERM), "openat",
        {SCMP_CMP(2, SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT), SCMP_CMP(3, SCMP_CMP_MASKED_EQ, bit, bit)});
  }
  for (const std::uint64_t flag : {CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID,
                                   CLONE_NEWNET, CLONE_NEWCGROUP}) {
    filter.deny("clone", 0, flag);
    filter.deny("unshare", 0, flag);
  }
  filter.rule(SCMP_ACT_ERRNO(EPERM), "setns");
  // Their flags lie in memory, where no filter sees them: the C library then falls back.
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "openat2");
  filter.rule(SCMP_ACT_ERRNO(EPERM), "personality", {SCMP_CMP(0, SCMP_CMP_NE, 0)});
  filter.load();
}

/// SystemCallFilter=, SystemCallErrorNumber=EPERM, SystemCallArchitectures=native
void restrict_calls(const std::string& file) {
  std::ifstream names(file);
  Filter filter(SCMP_ACT_ERRNO(EPERM));
  int count = 0;
  for (std::string name; std::getline(names, name); ++count) filter.rule(SCMP_ACT_ALLOW, name);
  if (count == 0) throw std::runtime_error("no calls in " + file);
  filter.load();
}

}  // namespace

int main(int count, char** words) {
  try {
    const Order order = read_order(count, words);
    make_read_only(order.writable);
    become(order);
    restrict_families(order.families);
    restrict_arguments();
    restrict_calls(order.calls);
    execv(order.program.front(), order.program.data());
    throw std::runtime_error(std::string(order.program.front()) + ": " + std::strerror(errno));
  } catch (const std::exception& failure) {
    std::cerr << "sandbox: " << failure.what() << '\n';
    return 125;
  }
}
