"""Debian's own Sendmail: its packages laid over the system's files, configured as their installation does it, at the real paths and ports.

Only within a world of one's own (world.enter()), which no one else sees.
"""

import os
import shutil
import subprocess

from .guard import keep_process
from .sendmail import SyslogSocket, unpack
from .tools import DAEMON_UID, Unavailable, listens, run, wait_until
from .world import HOST

MC = "/etc/mail/sendmail.mc"
CF = "/etc/mail/sendmail.cf"
_PROGRAM = "/usr/libexec/sendmail/sendmail"

# What installing sendmail-base and sendmail-bin would do; update_sendmail is what their scripts call.
_INSTALL = f"""
layers=$1
shift
root=$1
mount -t tmpfs layers $layers
for name in etc usr; do
  mkdir -p $layers/$name $layers/work/$name
  mount -t overlay overlay -o lowerdir=$root/$name:/$name,upperdir=$layers/$name,workdir=$layers/work/$name /$name
done
umount -l $layers
mount --bind /dev/resolv.conf "$(readlink -f /etc/resolv.conf)"
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=755 lib /var/lib
mount -t tmpfs -o mode=755 spool /var/spool
mkdir -p /run/lock /var/lib/sendmail /var/spool/mqueue /var/spool/mqueue-client
printf '127.0.0.1 localhost\\n127.0.1.1 {HOST} {HOST.partition(".")[0]}\\n' >/etc/hosts
for name in smmta smmsp; do
  adduser --system --quiet --group --home /var/lib/sendmail --no-create-home $name
done
ln -sf {_PROGRAM} /usr/sbin/sendmail
ln -sf {_PROGRAM} /usr/sbin/sendmail-mta
mkdir -p /run/suppressd
chown {DAEMON_UID}:{DAEMON_UID} /run/suppressd
/usr/share/sendmail/update_sendmail || true
test -s {CF}
test ! -e {CF}.errors
"""


def install(workspace):
    """Makes /etc/mail, /usr/sbin/sendmail and all that belongs to them."""
    for program in ("m4", "make", "perl", "adduser"):
        if not shutil.which(program):
            raise Unavailable(f"{program}, which Debian's Sendmail is configured with, is not installed")
    root = unpack()
    try:
        run("sh", "-ec", _INSTALL, "sh", workspace.folder("layers"), root, timeout=120)
    except RuntimeError as error:
        raise Unavailable(f"Debian's Sendmail cannot be laid over the system: {str(error).strip()[-400:]}") from error


class DebianSendmail:
    """The daemon, started as Debian's init script does it."""

    def __init__(self, workspace):
        self.log = os.path.join(workspace.folder("log"), "mail.log")
        os.close(os.open(self.log, os.O_CREAT | os.O_WRONLY, 0o640))
        os.chown(self.log, 0, DAEMON_UID)
        os.chmod(self.log, 0o640)
        self._syslog = SyslogSocket("/dev/log", self.log)
        self._kept = None
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["/usr/sbin/sendmail-mta", "-Am", "-L", "sm-mta", "-bD", "-q2s"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        self._kept = keep_process(self.process.pid)
        wait_until(lambda: listens("127.0.0.1", 25) or self.process.poll() is not None, "Sendmail to listen", timeout=90)
        return self

    def stop(self):
        if self._kept:
            self._kept.end()
            self._kept = None

    def close(self):
        self.stop()
        self._syslog.close()
        os.unlink("/dev/log")

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()
