"""Undoes what a test did to the machine, however the test ends.

keep(action) registers an action and returns its Kept; end() performs it now. What is still kept when the process exits is performed then,
in reverse order. A process that is killed outright cannot do that, and Postfix's master detaches itself from us: so a guard process of its
own, outside our process tree, learns of every action through a pipe and performs what is left when the pipe breaks.

Actions: {"run": [argv]}, {"kill": pid, "started": ticks}, {"remove": path}.
"""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import time


def started_at(pid):
    """Start of a process in clock ticks since boot: with the pid it names one process for good. None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def end_process(pid, started, patience=8.0):
    """TERM, then KILL after `patience` seconds; only if it is still the process that we started."""
    for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        if started_at(pid) != started:
            return
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while started_at(pid) == started and time.monotonic() < deadline:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
            time.sleep(0.02)


def perform(action):
    if "run" in action:
        subprocess.run(
            action["run"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False
        )
    elif "kill" in action:
        end_process(action["kill"], action["started"])
    elif os.path.isdir(action["remove"]) and not os.path.islink(action["remove"]):
        shutil.rmtree(action["remove"], ignore_errors=True)
    elif os.path.lexists(action["remove"]):
        os.unlink(action["remove"])


class Kept:
    _all = []
    _pipe = None

    def __init__(self, action):
        self.action = action
        Kept._all.append(self)
        self._tell("+")

    def _tell(self, sign):
        if Kept._pipe is not None:
            Kept._pipe.write(json.dumps([sign, id(self), self.action]) + "\n")
            Kept._pipe.flush()

    def end(self):
        if self in Kept._all:
            Kept._all.remove(self)
            perform(self.action)
            self._tell("-")

    @classmethod
    def end_all(cls):
        for kept in reversed(list(cls._all)):
            try:
                kept.end()
            except (OSError, subprocess.SubprocessError) as error:
                print(f"clean-up of {kept.action}: {error}", file=sys.stderr)
        if cls._pipe is not None:
            cls._pipe.close()
            cls._pipe = None

    @classmethod
    def begin(cls):
        guard = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__)], stdin=subprocess.PIPE, text=True, cwd="/", start_new_session=True
        )
        guard.wait()
        cls._pipe = guard.stdin
        atexit.register(cls.end_all)
        for sign in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda number, frame: sys.exit(128 + number))


def keep(action):
    if Kept._pipe is None:
        Kept.begin()
    return Kept(action)


def keep_process(pid):
    return keep({"kill": pid, "started": started_at(pid)})


def stand_guard():
    if os.fork():
        os._exit(0)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(sign, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    kept = {}
    for line in sys.stdin:
        sign, key, action = json.loads(line)
        if sign == "+":
            kept[key] = action
        else:
            kept.pop(key, None)
    for action in reversed(list(kept.values())):
        try:
            perform(action)
        except (OSError, subprocess.SubprocessError):
            pass


if __name__ == "__main__":
    stand_guard()
