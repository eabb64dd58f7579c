"""A box: a Debian root in which a real systemd is process 1, beside whatever this machine runs.

It runs on an overlay in memory, so the root is never changed, in namespaces and a control group of its own.
Nothing of it is left when this process ends, however it ends. A process has one box for each MTA: shared().
"""

import os
import shutil
import subprocess

from harness.guard import keep, keep_process
from harness.tools import Unavailable, run, wait_until

from . import world
from .roots import ADDRESS, root

# As systemd-nspawn(1) wants it where no systemd runs: with a /run of its own it looks for none.
_START = """\
set -eu
root=$1; shift
for group; do echo $$ >"$group/cgroup.procs"; done
mount -t tmpfs tmpfs /run
mkdir /run/box
mount -t tmpfs -o size=1g tmpfs /run/box
mkdir /run/box/upper /run/box/work /run/box/root
mount -t overlay -o "lowerdir=$root,upperdir=/run/box/upper,workdir=/run/box/work" overlay /run/box/root ||
  cp -a "$root/." /run/box/root
exec systemd-nspawn --quiet --boot --directory=/run/box/root --machine=box --keep-unit --register=no \\
  --private-network --resolv-conf=off --timezone=off --link-journal=no --console=pipe
"""
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "SYSTEMD_PAGER": "",
    "SYSTEMD_COLORS": "0",
}
_boxes = {}


def shared(mta):
    """The running box with this MTA. One that cannot run here is Unavailable, each time it is asked for."""
    if mta not in _boxes:
        try:
            _boxes[mta] = Box(mta)
        except Unavailable as missing:
            _boxes[mta] = missing
    if isinstance(_boxes[mta], Unavailable):
        raise _boxes[mta]
    return _boxes[mta]


def _control_groups():
    """A folder for the box in each hierarchy that systemd uses."""
    folders = []
    for hierarchy in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"):
        if not os.path.exists(f"{hierarchy}/cgroup.procs"):
            continue
        folder = f"{hierarchy}/suppressd-boot-{os.getpid()}"
        try:
            os.mkdir(folder)
        except OSError as error:
            raise Unavailable(f"no control group can be made here: {error}") from error
        keep({"run": ["find", folder, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]})
        folders.append(folder)
    if not folders:
        raise Unavailable("no control groups are mounted here, and systemd needs them")
    return folders


class Box:
    def __init__(self, mta):
        if os.geteuid() != 0:
            raise Unavailable("needs root: it boots a system of its own")
        for program in ("systemd-nspawn", "unshare", "nsenter", "ip"):
            if not shutil.which(program):
                raise Unavailable(f"{program} is not installed")
        self.mta = mta
        lower = root(mta)
        self.world = world.World()
        self._console = os.memfd_create("console")
        nspawn = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", _START, "sh", lower, *_control_groups()],
            stdin=subprocess.DEVNULL,
            stdout=self._console,
            stderr=self._console,
        )
        keep_process(nspawn.pid)
        self._nspawn = nspawn
        self.leader = wait_until(self._find_leader, "systemd-nspawn to start the box")
        self.world.join(self.leader, ADDRESS)
        booted = ("running", "degraded")
        wait_until(lambda: self.state() in booted, lambda: f"the box to boot:\n{self.console()}", 120, 0.2)

    def _find_leader(self):
        if self._nspawn.poll() is not None:
            raise Unavailable(f"no box can be booted here: {self.console()}")
        with open(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children", encoding="ascii") as children:
            found = children.read().split()
        for child in found:
            # Before it is the box's systemd it is a step of systemd-nspawn.
            try:
                if os.readlink(f"/proc/{child}/exe").endswith("/systemd"):
                    return int(child)
            except OSError:
                continue
        return None

    def console(self):
        """What systemd-nspawn and the box's console said last."""
        return os.pread(self._console, 1 << 20, 0).decode("utf-8", "replace")[-3000:]

    def state(self):
        return self.run("systemctl", "is-system-running", check=False).stdout.strip()

    def run(self, *words, **options):
        """A command inside, as root."""
        options.setdefault("env", _ENVIRONMENT)
        return run("nsenter", f"--target={self.leader}", "--all", "--root", "--wd", "--", *words, **options)

    def shell(self, script, **options):
        return self.run("sh", "-c", script, **options)

    def path(self, inside):
        """Where this process finds a file of the box."""
        return f"/proc/{self.leader}/root{inside}"

    def read(self, inside):
        with open(self.path(inside), encoding="utf-8", errors="replace") as file:
            return file.read()

    def write(self, inside, text, mode="w"):
        os.makedirs(os.path.dirname(self.path(inside)), exist_ok=True)
        with open(self.path(inside), mode, encoding="utf-8") as file:
            file.write(text)

    def network(self):
        """While it lasts, sockets that this thread makes are the box's."""
        return world.network_of(self.leader)
