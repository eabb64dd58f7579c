"""What the benchmarks share: where things are, lists and logs made once, and processes measured to their end."""

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "mta"))

from harness.daemon import Suppressd  # noqa: E402
from harness.guard import keep_process  # noqa: E402
from harness.tools import DAEMON_UID, Workspace, run, wait_until  # noqa: E402


class Scene:
    """A workspace for one run. `data` keeps lists and logs; where it is a folder of the user's, for later runs too."""

    def __init__(self, build, data=None, quick=False):
        self.build = build
        self.quick = quick
        self.pairs = 5 if quick else 15
        os.environ.setdefault("SUPPRESSD_BIN", os.path.join(build, "src"))
        self.workspace = Workspace()
        self.data = data or self.workspace.folder("data")
        os.makedirs(self.data, exist_ok=True)
        os.chmod(self.data, 0o755)
        self._numbers = itertools.count(1)
        self._stack = contextlib.ExitStack()
        self._stack.callback(self.workspace.remove)

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self._stack.close()

    def later(self, action):
        self._stack.callback(action)

    def tool(self, name):
        folder = "tests/support" if name == "make_log" else "tests/bench"
        return os.path.join(self.build, folder, name)

    def list_of(self, entries):
        """Path of a database with so many entries, to be read only."""
        path = os.path.join(self.data, f"list-{entries}.db")
        if not os.path.exists(path):
            say(f"(filling a list of {entries:,} entries)")
            run(self.tool("bench_fill"), path + ".part", entries, timeout=7200)
            for end in ("-wal", "-shm", ""):
                os.rename(path + ".part" + end, path + end)
        return path

    def own_list_of(self, entries):
        """A copy that a daemon may write to."""
        path = os.path.join(self.workspace.folder("lists", DAEMON_UID, DAEMON_UID), f"list-{entries}-{next(self._numbers)}.db")
        shutil.copyfile(self.list_of(entries), path)
        os.chown(path, DAEMON_UID, DAEMON_UID)
        return path

    def log_of(self, lines, addresses=None, messages_a_day=100000):
        """Path of a generated mail log."""
        addresses = addresses or lines // 20
        path = os.path.join(self.data, f"log-{lines}-{addresses}-{messages_a_day}")
        if not os.path.exists(path):
            say(f"(writing a log of {lines:,} lines about {addresses:,} addresses)")
            with open(path + ".part", "wb") as file:
                subprocess.run([self.tool("make_log"), str(lines), "1", str(addresses), str(messages_a_day)], stdout=file, check=True)
            os.rename(path + ".part", path)
        return path

    def daemon(self, name, log, database=None, **settings):
        settings = {key.replace("__", "."): value for key, value in settings.items()}
        if database:
            settings["database.path"] = database
        daemon = Suppressd(self.workspace, log, settings, name)
        self.later(daemon.stop)
        return daemon.start()

    def process(self, *argv):
        """A helper that runs until the scene ends."""
        process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL)
        self.later(keep_process(process.pid).end)
        return process

    def free_space(self):
        return shutil.disk_usage(self.data).free


class Run:
    """A program run to its end: seconds, CPU seconds, peak memory in MiB; Linux counts the benchmark's own peak in, which is kept low."""

    def __init__(self, *argv, output=subprocess.DEVNULL, error=subprocess.DEVNULL):
        begun = time.monotonic()
        process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=output, stderr=error)
        _, status, usage = os.wait4(process.pid, 0)
        self.seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(map(str, argv))}: exit status {process.returncode}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024


def cpu_of(pids):
    """Pid to the nanoseconds of CPU that the process has used with all its threads, those that have ended too (proc(5), utime and stime)."""
    tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    used = {}
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # it may have ended
            fields = file.read().rpartition(")")[2].split()
            used[pid] = (int(fields[11]) + int(fields[12])) * tick
    return used


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def memory_of(pid):
    """(resident, peak) of a running process, in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))


def say(text=""):
    print(text, flush=True)


def wait_for_socket(path):
    wait_until(lambda: os.path.exists(path), f"{path} to be there")
