"""suppressd and suppressctl as they ship, run as an unprivileged user without an account.

The programs are copied into the workspace, for that user may not be allowed into the build folder. Where they are is told by the
environment: SUPPRESSD_BIN, a folder that holds both.
"""

import os
import shutil
import socket
import sqlite3
import subprocess

from .guard import keep_process
from .tools import DAEMON_UID, Unavailable, run, wait_until

_AS_DAEMON = ("setpriv", f"--reuid={DAEMON_UID}", f"--regid={DAEMON_UID}", "--clear-groups")


def programs(workspace):
    """Paths of the copies of suppressd and suppressctl."""
    folder = os.environ.get("SUPPRESSD_BIN")
    if not folder:
        raise Unavailable("SUPPRESSD_BIN, the folder that holds suppressd and suppressctl, is not set")
    target = workspace.folder("bin")
    for name in ("suppressd", "suppressctl"):
        if not os.path.exists(os.path.join(target, name)):
            shutil.copy2(os.path.join(folder, name), target)
            os.chmod(os.path.join(target, name), 0o755)
    return os.path.join(target, "suppressd"), os.path.join(target, "suppressctl")


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Suppressd:
    """One daemon with a folder, configuration and database of its own. `settings` are keys as in suppressd.conf: {"soft.threshold": 3}."""

    def __init__(self, workspace, log=None, settings=None, name="suppressd"):
        self.program, self._ctl = programs(workspace)
        self.folder = workspace.folder(name, DAEMON_UID, DAEMON_UID)
        self.database = os.path.join(self.folder, "suppressd.db")
        self.config = os.path.join(self.folder, "suppressd.conf")
        self.output = os.path.join(self.folder, "output")
        self.log = log
        self.settings = {
            "database.path": self.database,
            "milter.socket": f"unix:{self.folder}/suppressd.sock",
            "milter.socket_mode": "0666",
            "source.files": [log] if log else [],
            "source.journal": "no",
            "source.start": "beginning",
        }
        self.launcher = _AS_DAEMON  # The words before the program.
        self.environment = {}  # Of the program, beside ours.
        self.socket = None  # A listening socket that the program gets as descriptor 3, as from suppressd.socket.
        self._process = None
        self._kept = None
        self.configure(**{key.replace(".", "__"): value for key, value in (settings or {}).items()})

    def configure(self, **settings):
        """Changes the configuration file; `soft__threshold=5` is soft.threshold. Taken at the next start."""
        self.settings |= {key.replace("__", "."): value for key, value in settings.items()}
        sections = {}
        for key, value in self.settings.items():
            section, _, word = key.partition(".")
            sections.setdefault(section, []).append(f"{word} = {toml(value)}\n")
        with open(self.config, "w", encoding="utf-8") as file:
            for section, lines in sections.items():
                file.write(f"[{section}]\n{''.join(lines)}\n")

    @property
    def pid(self):
        return self._process.pid

    def launch(self, *options):
        """Starts the program without waiting until it serves."""
        words = [*self.launcher, self.program, "--config", self.config, *options]
        if self.socket:
            words = ["bash", "-c", f'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&{self.socket.fileno()}', "bash", *words]
        with open(self.output, "ab") as output:
            self._process = subprocess.Popen(
                words,
                pass_fds=[self.socket.fileno()] if self.socket else [],
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
            )
        self._kept = keep_process(self._process.pid)

    def start(self):
        self.launch()
        wait_until(lambda: self._serves() or self._process.poll() is not None, "suppressd to serve", timeout=60)
        if self._process.poll() is not None:
            raise RuntimeError(f"suppressd ended at once:\n{self.said()}")
        return self

    def listen(self):
        """Has the socket held outside of the program, as suppressd.socket does it."""
        path = self.settings["milter.socket"].removeprefix("unix:")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        self.socket.listen(1024)
        self.configure(milter__socket="fd:3")
        return self

    def _serves(self):
        if self.socket:
            path = self.socket.getsockname()
        else:
            path = self.settings["milter.socket"].removeprefix("unix:")
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except OSError:
                return False
        return True

    def most_memory(self):
        """The most resident memory so far, in bytes."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

    def stop(self):
        """A stop as the service manager does it. Returns the exit status; None: it did not run, or had to be killed."""
        if not self._process:
            return None
        self._process.terminate()
        try:
            status = self._process.wait(20)
        except subprocess.TimeoutExpired:
            status = None
        self._kept.end()
        self._process = None
        return status

    def close(self):
        """The end of both, the program and its socket."""
        self.stop()
        if self.socket:
            self.socket.close()

    def ended(self, timeout=20):
        """The exit status of a program that ends by itself."""
        status = self._process.wait(timeout)
        self._kept.end()
        self._process = None
        return status

    def runs(self):
        return self._process is not None and self._process.poll() is None

    def kill(self):
        """As a power failure does it."""
        self._process.kill()
        self._process.wait()
        self._kept.end()
        self._process = None

    def once(self, *options, user=True, timeout=30):
        """Runs the daemon's program to its end, for starts that must fail: CompletedProcess."""
        return run(*(_AS_DAEMON if user else ()), self.program, *options, check=False, timeout=timeout, cwd=self.folder)

    def said(self):
        with open(self.output, encoding="utf-8", errors="replace") as output:
            return output.read()

    def ctl(self, *words, check=True, **options):
        """suppressctl as the daemon's user."""
        return run(*_AS_DAEMON, self._ctl, "--config", self.config, *words, check=check, cwd=self.folder, **options)

    def dump(self):
        return self.ctl("dump").stdout

    # The database, as a colleague reads it with sqlite3.

    def query(self, sql, *values):
        """Rows as tuples; none while there is no database."""
        try:
            connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        except sqlite3.OperationalError:
            return []
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def execute(self, sql, *values):
        """A change by hand, in the sqlite3 shell so to say."""
        connection = sqlite3.connect(self.database, timeout=10)
        try:
            with connection:
                connection.execute(sql, values)
        finally:
            connection.close()

    def suppressed(self):
        """Address to kind, of what is refused now."""
        return dict(self.query("SELECT address, kind FROM v_suppressed"))

    def streaks(self):
        return dict(self.query("SELECT address, streak FROM v_streak"))

    def failures(self, address=None):
        """(address, category, action, ended_by) of all sends that failed, or of those to one address."""
        return self.query(
            "SELECT address, category, action, ended_by FROM evidence WHERE what = 'failed' AND ? IN (address, '') ORDER BY at, id",
            address or "",
        )

    def wait_suppressed(self, address, kind=None, timeout=20):
        wait_until(
            lambda: self.suppressed().get(address) in ({kind} if kind else {"hard", "soft", "manual", "complaint", "unsubscribe"}),
            lambda: f"{address} to be suppressed; the list is {self.suppressed()}",
            timeout,
        )

    def caught_up(self):
        """Whether all of the log was read and committed."""
        size = os.path.getsize(self.log)
        newest = self.query("SELECT offset FROM cursor WHERE source = ? ORDER BY saved DESC LIMIT 1", self.log)
        return bool(newest) and newest[0][0] == size

    def settle(self, timeout=30):
        """Waits until all that the MTA has logged so far is learned."""
        wait_until(self.caught_up, "suppressd to read the log to its end", timeout)
