"""The daemon under what its unit allows it, with a real Postfix, and the unit's own claims.

Without systemd running, the launcher stands in for it: see EXERCISED. What it cannot do stands in NOT_EXERCISED, each with the reason;
a setting that stands in neither fails the test, so that nobody adds one without thinking of it.
"""

import errno
import json
import os
import re
import shutil
import signal
import socket
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.tools import DAEMON_UID, run, wait_until
from harness.unit import Unit, sandboxed

EXERCISED = {
    *("SystemCallFilter", "SystemCallErrorNumber", "SystemCallArchitectures", "NoNewPrivileges", "CapabilityBoundingSet"),
    *("AmbientCapabilities", "RestrictAddressFamilies", "MemoryDenyWriteExecute", "RestrictSUIDSGID", "RestrictNamespaces"),
    *("RestrictRealtime", "LockPersonality", "ProtectSystem", "ReadWritePaths", "PrivateMounts", "UMask", "LimitNOFILE", "LimitCORE"),
    *("User", "Group", "Type", "ExecStart", "ExecReload", "WatchdogSec"),
}
NOT_EXERCISED = {
    "a restart is the manager's": {"Restart", "RestartSec", "RestartPreventExitStatus", "TimeoutStopSec"},
    "folders and groups that the manager makes": {"StateDirectory", "StateDirectoryMode"},
    "the harness gives the log to the daemon's own group": {"SupplementaryGroups"},
    "file systems hidden or replaced, among them those where the test's own files lie": {
        *("ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectProc", "ProtectKernelTunables", "ProtectKernelLogs", "ProtectControlGroups"),
    },
    "control groups": {"DevicePolicy", "IPAddressDeny"},
    "calls and capabilities that the call filter and the empty bounding set take away already": {
        *("ProtectKernelModules", "ProtectClock", "ProtectHostname"),
    },
    "other namespaces": {"PrivateIPC", "PrivateUsers"},
    "kernel objects of a user, which the manager cleans": {"KeyringMode", "RemoveIPC"},
}

# Tries what the sandbox must forbid, and prints the errors' numbers.
_PROBE = """
import ctypes, errno, json, mmap, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *words):
    try:
        function(*words)
        return 0
    except OSError as failure:
        return failure.errno
    except MemoryError:
        return errno.ENOMEM
def raw(function, *words):
    ctypes.set_errno(0)
    return ctypes.get_errno() if function(*words) == -1 else 0
folder, outside = sys.argv[1:]
own = os.path.join(folder, "own")
open(own, "w").close()
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(json.dumps({
    "chown": call(os.chown, own, os.getuid(), os.getgid()),
    "set-user-id": call(os.chmod, own, 0o4755),
    "inet": call(socket.socket, socket.AF_INET),
    "packet": call(socket.socket, socket.AF_PACKET, socket.SOCK_RAW),
    "unix": call(socket.socket, socket.AF_UNIX),
    "netlink": call(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW),
    "write and execute": call(mmap.mmap, -1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_WRITE | mmap.PROT_EXEC),
    "unshare": raw(libc.unshare, 0x10000000),
    "mount": raw(libc.mount, b"none", b"/mnt", b"tmpfs", 0, None),
    "ptrace": raw(libc.ptrace, 0, 0, 0, 0),
    "personality": raw(libc.personality, 0x0040000),
    "nice": call(os.setpriority, os.PRIO_PROCESS, 0, 10),
    "realtime": call(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1)),
    "outside": call(open, outside, "w"),
    "inside": call(open, own, "w"),
    "mode": os.stat(own).st_mode & 0o777,
    "capabilities": [status[name].strip() for name in ("CapBnd", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Seccomp")],
}))
"""


class Claims(MtaTest):
    def setUp(self):
        super().setUp()
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        self.unit = Unit()

    def analyzed(self):
        path = os.path.join(self.workspace.folder("units"), "suppressd.service")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.unit.text.replace("@CMAKE_INSTALL_FULL_SBINDIR@/suppressd", shutil.which("true")))
        return run("systemd-analyze", "security", "--offline=true", "--no-pager", "--json=short", path, check=False)

    def test_everything_left_open_is_explained_in_the_unit(self):
        result = self.analyzed()
        # The table is JSON, the closing line is not.
        findings = json.loads(re.search(r"(?ms)^\[.*\]\s*$", result.stdout).group())
        left_open = {line["name"].replace("=~", "=").strip("=") for line in findings if line["exposure"]}
        self.assertGreater(len(left_open), 3, "systemd-analyze found nothing: its output has changed")
        explained = "\n".join(re.findall(r"(?m)^# Exception: .*(?:\n# {2}.*)*", self.unit.text))
        missing = {name for name in left_open if name.rpartition("=")[2].split("/")[0].strip("=") not in explained}
        self.assertEqual(missing, set(), "the unit says of each why: `# Exception: NAME ...`")

    def test_nothing_is_excused_that_is_not_open(self):
        result = self.analyzed()
        findings = json.loads(re.search(r"(?ms)^\[.*\]\s*$", result.stdout).group())
        left_open = " ".join(line["name"] for line in findings if line["exposure"])
        for name in re.findall(r"(?m)^# Exception: (\w+)", self.unit.text):
            self.assertIn(name, left_open)

    def test_every_setting_is_exercised_or_has_a_reason_why_not(self):
        thought_of = EXERCISED.union(*NOT_EXERCISED.values())
        self.assertEqual(set(self.unit.directives()) ^ thought_of, set())

    def test_the_call_filter_denies_and_does_not_kill(self):
        self.assertEqual(self.unit.value("SystemCallErrorNumber"), "EPERM")
        calls = self.unit.calls()
        self.assertTrue({"read", "openat", "futex", "execve"} <= calls)
        self.assertEqual(calls & {"chown", "setuid", "mount", "ptrace", "bpf", "init_module", "reboot", "keyctl", "mlock"}, set())


class Sandboxed(MtaTest):
    def setUp(self):
        super().setUp()
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        self.unit = Unit()

    def test_the_sandbox_forbids_what_the_unit_forbids(self):
        folder = self.workspace.folder("own", DAEMON_UID, DAEMON_UID)
        outside = self.workspace.folder("outside", DAEMON_UID, DAEMON_UID) + "/file"
        python = shutil.which("python3", path="/usr/bin:/usr/local/bin")  # One that everybody may run.
        if not python:
            self.skipTest("there is no Python in /usr/bin")
        said = run(*sandboxed(self.unit, self.workspace, folder), python, "-c", _PROBE, folder, outside).stdout
        denied = ("chown", "set-user-id", "write and execute", "unshare", "mount", "ptrace", "personality", "nice", "realtime")
        expected = dict.fromkeys(denied, errno.EPERM)
        expected |= {"inet": errno.EAFNOSUPPORT, "packet": errno.EAFNOSUPPORT, "outside": errno.EROFS}
        expected |= {"unix": 0, "netlink": 0, "inside": 0, "mode": 0o640}
        none = "0" * 16
        expected["capabilities"] = [none, none, none, none, "1", "2"]
        self.assertEqual(json.loads(said), expected)

    def start(self, **settings):
        """A daemon in the sandbox and a Postfix that uses it; the manager's socket collects what the daemon sends to it."""
        mta = self.postfix(milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock")
        daemon = self.suppressd(mta.log, **settings)
        daemon.launcher = sandboxed(self.unit, self.workspace, daemon.folder)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(os.path.join(daemon.folder, "notify"))
        os.chmod(os.path.join(daemon.folder, "notify"), 0o666)
        self.manager.settimeout(20)
        daemon.environment = {
            "NOTIFY_SOCKET": os.path.join(daemon.folder, "notify"),
            "WATCHDOG_USEC": "400000",
            # Of a build with AddressSanitizer: it looks for leaks by tracing the process, which the unit forbids.
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0",
        }
        daemon.start()
        return daemon, mta.start()

    def told(self, word):
        """The manager receives the word within 20 seconds."""
        while word not in self.manager.recv(4096).decode().split("\n"):
            continue

    def test_the_daemon_learns_refuses_reloads_and_stops_within_it(self):
        daemon, mta = self.start(milter__inbound_daemons=["inbound"], log__level="info")
        with open(f"/proc/{daemon.pid}/status", encoding="ascii") as status:
            self.assertIn("Seccomp:\t2\n", status.read())
        self.told("READY=1")
        self.told("WATCHDOG=1")

        # A dead mailbox is learned and refused.
        send(mta.port, "dead@b.example", "accepted@a.example")
        daemon.wait_suppressed("dead@b.example", "hard")
        submission = send(mta.port, "dead@b.example", "good@a.example")
        self.assertEqual(submission.code("dead@b.example"), 550)
        self.assertEqual(submission.code("good@a.example"), 250)
        mta.wait_empty()
        daemon.settle()

        # So is one that bounced later, by mail.
        accepted = next(mail for mail in self.remote.messages("accepted@a.example"))
        header = accepted.data.partition("\n\n")[0] + "\n"
        self.assertRegex(header, r"(?m)^Suppressd-Trace: ")
        self.assertEqual(send(mta.inbound_port, SENDER, sender="", message=_BOUNCE.format(to=SENDER, header=header)).data[:3], "250")
        daemon.wait_suppressed("accepted@a.example", "hard")
        self.assertEqual(daemon.query("SELECT origin FROM evidence WHERE address = 'accepted@a.example'"), [("report",)])

        # A rotated log and a reload.
        mta.rotate()
        daemon.configure(milter__mode="monitor")
        os.kill(daemon.pid, signal.SIGHUP)
        self.told("READY=1")
        wait_until(lambda: send(mta.port, "dead@b.example").code("dead@b.example") == 250, "monitor mode to be in force")
        mta.wait_empty()
        daemon.configure(milter__mode="enforce")
        os.kill(daemon.pid, signal.SIGHUP)
        self.told("READY=1")
        wait_until(lambda: send(mta.port, "dead@b.example").code("dead@b.example") == 550, "enforce mode to be in force again")
        send(mta.port, "gone@b.example")
        mta.wait_empty()
        daemon.settle()

        self.assertEqual(daemon.stop(), 0)
        self.told("STOPPING=1")
        self.assertEqual(daemon.query("SELECT count(*) > 0 FROM refusal WHERE address = 'dead@b.example'"), [(1,)])
        self.assertEqual(daemon.query("PRAGMA integrity_check"), [("ok",)])
        self.assertNotRegex(daemon.said(), r"(?i)not permitted|read-only file system|not supported by protocol")
        self.assertEqual(os.stat(daemon.database).st_mode & 0o777, 0o640)

    def test_the_check_before_a_reload_needs_nothing_that_the_running_daemon_holds(self):
        daemon, _ = self.start()
        check = (*daemon.launcher, daemon.program, "--config", daemon.config, "--check-config")
        fine = run(*check, check=False)
        self.assertEqual((fine.returncode, fine.stderr), (0, ""))
        daemon.configure(soft__threshold=0)
        broken = run(*check, check=False)
        self.assertEqual(broken.returncode, 78)
        self.assertIn("soft.threshold", broken.stderr)

    def test_an_inet_socket_does_not_fail_without_the_lines_that_allow_it(self):
        daemon = self.suppressd(self.postfix().log, milter__socket="inet:18899@127.0.0.1")
        words = (*sandboxed(self.unit, self.workspace, daemon.folder), daemon.program, "--config", daemon.config)
        result = run(*words, check=False)
        self.assertEqual(result.returncode, 78, result.stderr)
        self.assertRegex(result.stderr, r"inet:18899@127\.0\.0\.1: .*systemctl edit.*RestrictAddressFamilies=AF_INET.*IPAddressAllow=localhost")

    def test_a_kill_and_a_start_converge_within_it(self):
        daemon, mta = self.start()
        send(mta.port, "dead@b.example")
        daemon.wait_suppressed("dead@b.example", "hard")
        daemon.kill()
        self.assertEqual(send(mta.port, "dead@b.example").code("dead@b.example"), 250)
        mta.wait_empty()
        daemon.start()
        daemon.settle()
        self.assertEqual(send(mta.port, "dead@b.example").code("dead@b.example"), 550)


_BOUNCE = """\
From: MAILER-DAEMON@mx.remote.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.remote.example

Final-Recipient: rfc822; accepted@a.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

{header}
--b--
"""


if __name__ == "__main__":
    unittest.main()
