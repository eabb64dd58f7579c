"""Small things that every part of the harness uses."""

import os
import socket
import subprocess
import tempfile
import time

from .guard import keep

DAEMON_UID = 12345  # No account needs to have it.


class Unavailable(Exception):
    """What the test needs is not here; the words say what and why."""


def run(*argv, check=True, timeout=60, **options):
    """Runs a command and returns its CompletedProcess with text output; a failure carries what it said."""
    options.setdefault("stdin", subprocess.DEVNULL)
    if "input" in options:
        del options["stdin"]
    result = subprocess.run(
        [str(word) for word in argv], capture_output=True, text=True, errors="replace", timeout=timeout, check=False, **options
    )
    if check and result.returncode:
        raise RuntimeError(f"{' '.join(map(str, argv))}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result


def wait_until(condition, what, timeout=30.0, interval=0.05):
    """Waits until condition() is true and returns its value."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:g} s for: {what() if callable(what) else what}")
        time.sleep(interval)


def free_port(host="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def listens(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


class Workspace:
    """A folder of the test that the MTA's and the daemon's users may enter; gone at the end."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="suppressd-test.", dir="/var/tmp")
        self._kept = keep({"remove": self.path})
        os.chmod(self.path, 0o755)

    def folder(self, name, uid=0, gid=0, mode=0o755):
        path = os.path.join(self.path, name)
        os.makedirs(path, exist_ok=True)
        os.chown(path, uid, gid)
        os.chmod(path, mode)
        return path

    def remove(self):
        self._kept.end()
