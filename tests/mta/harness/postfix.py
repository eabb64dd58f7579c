"""A private Postfix: its own configuration, queue and log in the workspace, on a loopback port, beside whatever is installed.

All outbound mail goes to `remote` (127.0.0.2) unless `parameters` say otherwise. Postfix's master detaches itself; guard.py stops it.
"""

import glob
import json
import os
import pwd
import re
import shutil
import time

from .guard import keep
from .tools import DAEMON_UID, Unavailable, free_port, listens, run, wait_until

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{inbound_port} inet n - n - - smtpd -o milter_macro_daemon_name=inbound
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - {chroot} - - smtp
relay     unix  - - {chroot} - - smtp
lmtp      unix  - - n - - lmtp
local     unix  - n n - - local
virtual   unix  - n n - - virtual
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
showq     unix  n - n - - showq
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


def milter(socket, default_action="accept"):
    return f"{{ {socket}, default_action={default_action}, connect_timeout=5s, command_timeout=5s }}"


class Postfix:
    def __init__(self, workspace, remote, milter_socket=None, parameters=None, resolver=None, name="postfix", services=""):
        """`resolver`: IP address of a DNS server that smtp(8) asks, through a resolv.conf in its chroot; else DNS is off. `services`: further
        lines of master.cf; `{chroot}` in them is as smtp's."""
        if not shutil.which("postfix"):
            raise Unavailable("Postfix is not installed")
        self.port = free_port()
        self.inbound_port = free_port()
        base = workspace.folder(name)
        self.config = workspace.folder(f"{name}/etc")
        self.queue = workspace.folder(f"{name}/spool")
        data = workspace.folder(f"{name}/data", uid=pwd.getpwnam("postfix").pw_uid)
        self.log = os.path.join(workspace.folder(f"{name}/log"), "mail.log")
        self._resolver = resolver
        self._kept = None
        settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.queue,
            "data_directory": data,
            "maillog_file": self.log,
            "maillog_file_prefixes": base,
            "syslog_name": "postfix",
            "myhostname": "mta.sender.example",
            "myorigin": "sender.example",
            "mydestination": "",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "alias_maps": "",
            "alias_database": "",
            "local_recipient_maps": "",
            "append_dot_mydomain": "no",
            "biff": "no",
            "smtpd_peername_lookup": "no",
            "smtpd_relay_restrictions": "permit_mynetworks, reject",
            "smtpd_soft_error_limit": "1000",
            "smtpd_hard_error_limit": "2000",
            # With one second the queue manager may come back while the attempt before still holds the message, and then leaves it for long
            # ("skipped, still being delivered").
            "minimal_backoff_time": "2s",
            "maximal_backoff_time": "2s",
            "queue_run_delay": "1s",
            "maximal_queue_lifetime": "1h",
            "bounce_queue_lifetime": "1h",
            "smtp_connect_timeout": "3s",
            "in_flow_delay": "0",
        }
        if resolver:
            settings |= {"smtp_tcp_port": str(remote.port), "relayhost": ""}
        else:
            settings |= {"relayhost": f"[{remote.address}]:{remote.port}", "smtp_dns_support_level": "disabled"}
        if milter_socket:
            settings |= {"smtpd_milters": milter(milter_socket), "non_smtpd_milters": milter(milter_socket)}
        self.settings = settings | (parameters or {})
        self._write("main.cf", "".join(f"{key} = {value}\n" for key, value in self.settings.items()))
        self._write("master.cf", (_MASTER + services).format(port=self.port, inbound_port=self.inbound_port, chroot="y" if resolver else "n"))
        self.new_log()

    def _write(self, name, text):
        with open(os.path.join(self.config, name), "w", encoding="utf-8") as file:
            file.write(text)

    def new_log(self):
        """An empty log that the daemon's group may read; Postfix would make it root's alone."""
        os.close(os.open(self.log, os.O_CREAT | os.O_WRONLY, 0o640))
        os.chown(self.log, 0, DAEMON_UID)
        os.chmod(self.log, 0o640)

    def command(self, *words, check=True):
        return run("postfix", "-c", self.config, *words, check=check)

    def start(self):
        if self._resolver:
            etc = os.path.join(self.queue, "etc")
            os.makedirs(etc, exist_ok=True)
            with open(os.path.join(etc, "resolv.conf"), "w", encoding="ascii") as file:
                file.write(f"nameserver {self._resolver}\noptions timeout:2 attempts:2\n")
        self._kept = keep({"run": ["postfix", "-c", self.config, "stop"]})
        self.command("start")
        wait_until(lambda: listens("127.0.0.1", self.port), "Postfix to listen")
        return self

    def stop(self):
        if self._kept:
            self._kept.end()
            self._kept = None

    def rotate(self):
        """As logrotate does it: rename, make the new one, tell Postfix. Returns the path of the old one."""
        number = len(glob.glob(self.log + ".*")) + 1
        for old in range(number - 1, 0, -1):
            os.rename(f"{self.log}.{old}", f"{self.log}.{old + 1}")
        os.rename(self.log, self.log + ".1")
        self.new_log()
        self.command("reload")
        return self.log + ".1"

    def sendmail(self, *recipients, sender="news@sender.example", text="Subject: harness\n\nHello.\n", check=True):
        """Submission by the `sendmail` command, as cron jobs and PHP do it."""
        return run("sendmail", "-C", self.config, "-i", "-f", sender, "--", *recipients, input=text, check=check)

    def queue_ids(self):
        """Ids of the messages in the queue, those that wait for pickup as `maildrop/...`."""
        waiting = os.listdir(os.path.join(self.queue, "maildrop")) if os.path.isdir(os.path.join(self.queue, "maildrop")) else []
        listed = run("postqueue", "-c", self.config, "-j").stdout
        return [json.loads(line)["queue_id"] for line in listed.splitlines()] + [f"maildrop/{name}" for name in waiting]

    def is_empty(self):
        """Asks twice: a message that is moved from `incoming` to `active` meanwhile is in neither list, because `active` is read first."""
        return not self.queue_ids() and not self.queue_ids()

    def wait_empty(self, timeout=40, empty=None):
        wait_until(empty or self.is_empty, lambda: f"an empty queue, but it holds {self.queue_ids()}", timeout)

    def drain(self, timeout):
        """Flushes until the queue is empty. Once is not enough behind a reload: what wakes the queue manager while it is replaced is lost."""
        next_flush = 0

        def empty():
            nonlocal next_flush
            if time.monotonic() >= next_flush:
                self.command("flush")
                next_flush = time.monotonic() + 3
            return self.is_empty()

        self.wait_empty(timeout, empty)

    def postsuper(self, option, queue_id):
        return run("postsuper", "-c", self.config, option, queue_id)

    def log_text(self):
        """All of the log so far, rotated parts first."""
        parts = sorted(glob.glob(self.log + ".*"), key=lambda path: -int(path.rpartition(".")[2])) + [self.log]
        return "".join(open(part, encoding="utf-8", errors="replace").read() for part in parts)

    def log_lines(self, pattern):
        return [line for line in self.log_text().splitlines() if re.search(pattern, line)]
