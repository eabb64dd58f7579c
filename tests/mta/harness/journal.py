"""A real journal without systemd: systemd-journal-remote writes what we hand it in export format.

Entries carry the fields that journald would have added. Lines of a syslog file can be fed as they stand.
"""

import os
import re
import shutil
import subprocess
import time

from .guard import keep_process
from .tools import DAEMON_UID, Unavailable, wait_until

_PROGRAM = "/lib/systemd/systemd-journal-remote"
_BOOT = "0123456789abcdef0123456789abcdef"


class Journal:
    def __init__(self, workspace, name="journal"):
        program = shutil.which("systemd-journal-remote") or _PROGRAM
        if not os.path.exists(program):
            raise Unavailable("systemd-journal-remote is not installed")
        self.folder = workspace.folder(name, gid=DAEMON_UID, mode=0o2755)
        self._file = os.path.join(self.folder, "remote.journal")
        self._process = subprocess.Popen(
            [program, f"--output={self._file}", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._kept = keep_process(self._process.pid)
        self._fed = 0
        self.add("journal", "begins", unit="init.scope")
        wait_until(lambda: os.path.exists(self._file), "the journal's file")
        os.chown(self._file, 0, DAEMON_UID)
        os.chmod(self._file, 0o640)

    def add(self, identifier, message, unit="postfix@-.service", host="mta", pid=1, **more):
        fields = {
            "__REALTIME_TIMESTAMP": time.time_ns() // 1000,
            "__MONOTONIC_TIMESTAMP": time.monotonic_ns() // 1000,
            "_BOOT_ID": _BOOT,
            "_HOSTNAME": host,
            "_SYSTEMD_UNIT": unit,
            "_PID": pid,
            "SYSLOG_IDENTIFIER": identifier,
            "MESSAGE": message,
        } | more
        self._process.stdin.write(("".join(f"{key}={value}\n" for key, value in fields.items()) + "\n").encode())
        self._process.stdin.flush()

    def feed(self, log, unit="postfix@-.service"):
        """What was added to a syslog file since the last call, in the seconds in which it was logged."""
        with open(log, "rb") as file:
            file.seek(self._fed)
            text = file.read()
        self._fed += len(text)
        for line in text.decode("utf-8", "replace").splitlines():
            if header := re.match(r"(\w{3} [ \d]\d [\d:]{8}) (\S+) ([^\s\[]+)\[(\d+)\]: ", line):
                logged = time.mktime(time.strptime(f"{time.localtime().tm_year} {header[1]}", "%Y %b %d %H:%M:%S"))
                at = {"__REALTIME_TIMESTAMP": int(logged) * 1_000_000 + 999_999}
                self.add(header[3], line[header.end() :], unit, header[2], header[4], **at)

    def close(self):
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        self._kept.end()
