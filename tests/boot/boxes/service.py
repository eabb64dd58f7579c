"""suppressd as the service of a box: installed and set up as README.md says, and steered with systemctl."""

import json
import os
import re
import shutil

from harness.daemon import Suppressd
from harness.tools import run, wait_until

_HERE = os.path.dirname(__file__)
SOURCE = os.environ.get("SUPPRESSD_SOURCE") or os.path.abspath(os.path.join(_HERE, "../../.."))
CONFIG = "/etc/suppressd/suppressd.conf"
DATABASE = "/var/lib/suppressd/suppressd.db"
NAME = "suppressd.service"
SOCKET = "suppressd.socket"


def _readme_blocks():
    """The indented blocks of README.md's section "Install", each as its lines."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        section = file.read().partition("\n## Install\n")[2].partition("\n## ")[0]
    return [block.strip("\n").splitlines() for block in re.findall(r"(?m)(?:^    .*\n)+", section + "\n")]


def _commands(block):
    """What is to be typed as root, without sudo and without comments; a backslash at its end continues a line."""
    lines = (line.strip() for line in re.sub(r"\\\n *", "", "\n".join(block)).splitlines())
    return [line.partition("  #")[0].replace("sudo ", "") for line in lines if line.startswith("sudo ")]


def readme_commands(mta):
    """What README.md has one type once the files are in place; last of it what starts suppressd."""
    blocks = [_commands(block) for block in _readme_blocks()]
    (first,) = [block for block in blocks if any("enable --now suppressd" in command for command in block)]
    others = [block for block in blocks if block is not first]
    after = [command for command in first if command.startswith("system")]
    (enable,) = [command for command in after if "enable --now suppressd" in command]
    after.remove(enable)
    for block in others:
        if mta == "sendmail" and any("sendmail" in command for command in block):
            after += block
    return [*after, enable]


def as_user(name):
    """The words before a command that is not root's."""
    return ("setpriv", f"--reuid={name}", f"--regid={name}", "--init-groups")


class Service(Suppressd):
    """The service. What the harness reads of a daemon's database, it reads of this one's."""

    def __init__(self, box):  # pylint: disable=super-init-not-called  # its folders are the installation's
        self.box = box
        self.config = box.path(CONFIG)
        self.settings = {}
        self.by_socket = False  # Whether README.md has it started through its socket unit.

    def install(self):
        """cmake --install into the box."""
        build = os.environ.get("SUPPRESSD_BUILD")
        if not build:
            raise RuntimeError("SUPPRESSD_BUILD, the build folder, is not set")
        run("cmake", "--install", build, env=os.environ | {"DESTDIR": self.box.path("")})

    def set_up(self, **settings):
        """The rest of README.md's installation, whose commands name files of the source."""
        self.configure(**settings)
        source = self.box.path("/usr/src/suppressd")
        for folder in ("conf", "systemd"):
            shutil.copytree(os.path.join(SOURCE, folder), os.path.join(source, folder))
        for command in readme_commands(self.box.mta):
            self.box.shell(f"cd /usr/src/suppressd && {command}")
        self.by_socket = self.is_active(SOCKET)

    def systemctl(self, *words, check=True, timeout=90):
        return self.box.run("systemctl", *words, check=check, timeout=timeout)

    def show(self, name, unit=NAME):
        return self.systemctl("show", "--property", name, "--value", unit).stdout.strip()

    def is_active(self, unit=NAME):
        return self.systemctl("is-active", unit, check=False).stdout.strip() == "active"

    def wait_active(self, timeout=30):
        wait_until(self.is_active, lambda: f"suppressd to be active; it said\n{self.said()}", timeout, 0.1)

    def wait_another(self, pid, timeout=60):
        """Until systemd has started another process in place of this one."""
        wait_until(lambda: self.is_active() and self.pid != pid, "systemd to start another", timeout, 0.2)

    @property
    def pid(self):
        """Of the main process, in the box. A stopped unit has none: 0 would be everybody to kill(1)."""
        pid = int(self.show("MainPID"))
        if pid <= 1:
            raise RuntimeError("suppressd does not run")
        return pid

    def status(self):
        return self.show("StatusText")

    def start(self):
        self.systemctl("start", NAME)
        return self

    def stop(self):
        """The service alone, or with its socket, so that nothing starts it again."""
        self.systemctl("stop", *([SOCKET] if self.by_socket else []), NAME)

    def use_socket(self):
        """The socket unit listens."""
        self.stop()
        self.configure(milter__socket="fd:3")
        self.systemctl("enable", "--now", SOCKET)
        self.by_socket = True
        self.start()

    def use_path(self, path):
        """The daemon listens by itself."""
        self.stop()
        self.configure(milter__socket=path)
        self.systemctl("disable", "--now", SOCKET)
        self.by_socket = False
        self.start()

    def start_again(self):
        """From whatever state a test left it in."""
        units = [SOCKET, NAME] if self.by_socket else [NAME]
        self.systemctl("reset-failed", *units, check=False)
        self.systemctl("start", *units)

    def restart(self):
        self.systemctl("restart", NAME)
        return self

    def signal(self, name):
        self.box.run("kill", f"-{name}", self.pid)

    def kill(self):
        self.signal("KILL")

    def said(self, since=None):
        """What the daemon and systemd said of it, from a journal cursor on."""
        words = ["--after-cursor", since] if since else []
        return self.box.run("journalctl", "--no-pager", "-o", "cat", "-u", NAME, "-u", SOCKET, *words).stdout

    def now(self):
        """The journal's cursor."""
        shown = self.box.run("journalctl", "-n", "0", "--show-cursor").stdout
        return re.search(r"(?m)^-- cursor: (.*)$", shown).group(1)

    def wait_said(self, pattern, since=None, timeout=20):
        def what():
            return f"suppressd to say {pattern!r}; it said\n{self.said(since)}"

        return wait_until(lambda: re.search(pattern, self.said(since)), what, timeout, 0.2)

    def ctl(self, *words, check=True, **options):
        return self.box.run(*as_user("suppressd"), "suppressctl", *words, check=check, **options)

    def once(self, *options, user=True, timeout=30):
        """The daemon's program, run to its end by hand."""
        words = as_user("suppressd") if user else ()
        return self.box.run(*words, "suppressd", *options, check=False, timeout=timeout)

    def query(self, sql, *values):
        """Rows as tuples, asked inside: SQLite resolves links, and /proc/PID/root leads outside."""
        for value in values:
            sql = sql.replace("?", f"""'{str(value).replace("'", "''")}'""", 1)
        rows = self.box.run("sqlite3", "-readonly", "-json", "-cmd", ".timeout 10000", DATABASE, sql).stdout
        return [tuple(row.values()) for row in json.loads(rows or "[]")]

    def execute(self, sql, *values):
        raise NotImplementedError("root would own what SQLite makes: use ctl()")
