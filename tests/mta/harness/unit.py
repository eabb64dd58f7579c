"""The shipped service unit, read, and the command that runs a program in the sandbox it describes.

The launcher is tests/support/sandbox.cpp; SUPPRESSD_SANDBOX is its path.
"""

import functools
import os
import re

from .tools import DAEMON_UID, Unavailable, run

SOURCE = os.environ.get("SUPPRESSD_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))


class Unit:
    def __init__(self, name="systemd/suppressd.service.in"):
        with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
            self.text = file.read()
        self._section = self.text.partition("[Service]")[2].partition("\n[")[0]

    def directives(self):
        """Names of the service's settings, in order."""
        return list(dict.fromkeys(re.findall(r"(?m)^(\w+)=", self._section)))

    def values(self, directive):
        return re.findall(rf"(?m)^{directive}=(.*)$", self._section)

    def value(self, directive):
        (value,) = self.values(directive)
        return value

    def calls(self):
        """Names of the system calls that SystemCallFilter= leaves, as systemd reads it: the first line says whether it allows or denies."""
        lines = self.values("SystemCallFilter")
        if not lines or lines[0].startswith("~"):
            raise ValueError("the unit's first SystemCallFilter= names no calls to allow")
        allowed = set(_calls_of("@default"))
        for line in lines:
            denies = line.startswith("~")
            named = {call for word in line.lstrip("~").split() for call in _calls_of(word)}
            allowed = allowed - named if denies else allowed | named
        return allowed


@functools.cache
def _calls_of(word):
    """One word of SystemCallFilter=: a call is itself, a group what systemd says of it."""
    if not word.startswith("@"):
        return frozenset([word])
    lines = run("systemd-analyze", "syscall-filter", "--no-pager", word).stdout.splitlines()[1:]
    words = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    if not words:
        raise Unavailable(f"systemd-analyze does not know {word}")
    return frozenset(call for inner in words for call in _calls_of(inner))


def sandboxed(unit, workspace, *writable):
    """The words before a program that run it as the unit says; it may write to the folders `writable` only."""
    launcher = os.environ.get("SUPPRESSD_SANDBOX")
    if not launcher or not os.path.exists(launcher):
        raise Unavailable("SUPPRESSD_SANDBOX, the launcher, was not built: it needs libseccomp-dev")
    calls = os.path.join(workspace.path, "calls")
    with open(calls, "w", encoding="ascii") as file:
        file.writelines(f"{call}\n" for call in sorted(unit.calls()))
    folders = [word for folder in writable for word in ("--writable", folder)]
    return (
        *(launcher, "--calls", calls, "--families", ",".join(unit.value("RestrictAddressFamilies").split()), *folders),
        *("--user", str(DAEMON_UID), "--umask", unit.value("UMask"), "--files", unit.value("LimitNOFILE"), "--"),
    )
