"""A private Sendmail 8.17, unpacked from Debian's packages without installing them (they conflict with Postfix).

It logs to /dev/log only. Where that exists a mount namespace of our own puts our socket over it; where it does not we make it and take it
away again. A UTS namespace gives it a host name with a dot, without which it sleeps for a minute at start.
"""

import functools
import os
import re
import shutil
import socket
import subprocess
import threading
import time

from .guard import keep, keep_process
from .tools import DAEMON_UID, Unavailable, Workspace, free_port, listens, run, wait_until

_PACKAGES = ("sendmail-bin", "sendmail-cf", "sendmail-base")
_HOST = "mta.sender.example"
_MC = """\
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`confCW_FILE', `/dev/null')dnl
define(`confPID_FILE', `{base}/sendmail.pid')dnl
define(`QUEUE_DIR', `{base}/spool')dnl
define(`STATUS_FILE', `')dnl
define(`HELP_FILE', `')dnl
define(`confALIAS_WAIT', `0')dnl
define(`ALIAS_FILE', `{aliases}')dnl
define(`confDONT_PROBE_INTERFACES', `true')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe,TrustStickyBit')dnl
define(`confTO_IDENT', `0')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
define(`confMAX_RUNNERS_PER_QUEUE', `2')dnl
define(`confBAD_RCPT_THROTTLE', `1000')dnl
define(`confTO_QUEUEWARN', `1h')dnl
define(`confTO_QUEUERETURN', `{lifetime}')dnl
define(`confTO_HOSTSTATUS', `1s')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
define(`confLOG_LEVEL', `9')dnl
{routing}
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Name=MTA, Family=inet, Addr=127.0.0.1, Port={port}')dnl
{filters}
MAILER(`local')dnl
MAILER(`smtp')dnl
LOCAL_CONFIG
CR127.0.0.1
Cw{domains}
"""
# Everything goes to the remote server, as to the recipients' own hosts: by mailer `relay` it would be a smart host.
_TO_REMOTE = """\
define(`SMART_HOST', `esmtp:[{address}]')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h {port}')dnl
FEATURE(`nocanonify')dnl"""

# As Debian's submit.cf: what the `sendmail` command hands over by SMTP, and keeps in a queue of its own when it cannot.
_SUBMIT_MC = """\
define(`confCF_VERSION', `Submit')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`MSP_QUEUE_DIR', `{base}/clientqueue')dnl
define(`confPID_FILE', `{base}/client.pid')dnl
define(`STATUS_FILE', `{base}/client.st')dnl
define(`confRUN_AS_USER', `nobody')dnl
define(`confDEAD_LETTER_DROP', `{base}/clientqueue/dead.letter')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe,TrustStickyBit')dnl
define(`confTIME_ZONE', `USE_TZ')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {port}')dnl
FEATURE(`msp', `[127.0.0.1]')dnl
"""


@functools.cache
def unpack():
    """Sendmail's files, fetched by apt-get: once for each process or, under SUPPRESSD_SENDMAIL_CACHE, once. From a world of one's own
    nothing can be fetched: call it before that is entered."""
    cache = os.environ.get("SUPPRESSD_SENDMAIL_CACHE") or Workspace().path
    root = os.path.join(cache, "-".join(("root", *_PACKAGES)))  # A cache of other packages is none.
    if not os.path.isdir(root):
        fetched = os.path.join(cache, "packages")
        os.makedirs(fetched, exist_ok=True)
        try:
            run("apt-get", "-o", "APT::Sandbox::User=root", "download", "-q", *_PACKAGES, cwd=fetched, timeout=120)
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"Sendmail's packages cannot be fetched: {str(error).strip().splitlines()[-1]}") from error
        for name in sorted(os.listdir(fetched)):
            run("dpkg", "-x", os.path.join(fetched, name), root + ".new")
        os.rename(root + ".new", root)
    return root


class SyslogSocket:
    """Reads what programs send to /dev/log and writes it to a file as a syslog daemon does."""

    def __init__(self, path, log):
        self._log = log
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        os.chmod(path, 0o666)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with open(self._log, "a", encoding="utf-8") as log:
            while True:
                try:
                    packet = self._socket.recv(65536)
                except OSError:
                    return
                text = re.sub(r"^<\d+>", "", packet.decode("utf-8", "replace")).rstrip("\0\n")
                # "Mmm dd hh:mm:ss tag[pid]: message" becomes "Mmm dd hh:mm:ss host tag[pid]: message".
                log.write(f"{text[:15]} {_HOST.partition('.')[0]} {text[16:]}\n")
                log.flush()

    def close(self):
        self._socket.close()


class Sendmail:
    def __init__(self, workspace, remote, milter_socket=None, lifetime="1h", routing=None, aliases="", domains=(), name="sendmail"):
        """`routing`: lines of sendmail.mc that say where mail goes; by default all of it to `remote`. `aliases`: text of the alias file.
        `domains`: those whose users are this host's own."""
        if not shutil.which("m4"):
            raise Unavailable("m4, which builds Sendmail's configuration, is not installed")
        root = unpack()
        self._program = os.path.join(root, "usr/libexec/sendmail/sendmail")
        missing = [line.split()[0] for line in run("ldd", self._program).stdout.splitlines() if "not found" in line]
        if missing:
            raise Unavailable(f"Sendmail needs libraries that are not installed: {' '.join(missing)}")
        base = workspace.folder(name)
        workspace.folder(f"{name}/spool", mode=0o700)
        self.port = free_port()
        self.log = os.path.join(workspace.folder(f"{name}/log"), "mail.log")
        os.close(os.open(self.log, os.O_CREAT | os.O_WRONLY, 0o640))
        os.chown(self.log, 0, DAEMON_UID)
        os.chmod(self.log, 0o640)
        filters = f"INPUT_MAIL_FILTER(`suppressd', `S={milter_socket}, T=C:5s;S:5s;R:5s;E:30s')dnl" if milter_socket else "dnl"
        mc = _MC.format(
            host=_HOST,
            base=base,
            lifetime=lifetime,
            routing=routing or _TO_REMOTE.format(address=remote.address, port=remote.port),
            port=self.port,
            filters=filters,
            aliases=os.path.join(base, "aliases") if aliases else "",
            domains=" ".join(domains) or _HOST,
        )
        self._mc = os.path.join(base, "sendmail.mc")
        self.cf = os.path.join(base, "sendmail.cf")
        with open(self._mc, "w", encoding="ascii") as file:
            file.write(mc)
        self._macros = os.path.join(root, "usr/share/sendmail/cf/")
        self._build(self._mc, self.cf)
        self._base = base
        self._kept = []
        if aliases:
            with open(os.path.join(base, "aliases"), "w", encoding="ascii") as file:
                file.write(aliases)
            self.command("-bi", submit=False)

    def _build(self, mc, cf):
        text = run("m4", f"-D_CF_DIR_={self._macros}", os.path.join(self._macros, "m4/cf.m4"), mc).stdout
        with open(cf, "w", encoding="ascii") as file:
            file.write(text)

    def start(self):
        own_log = not os.path.lexists("/dev/log")
        path = "/dev/log" if own_log else os.path.join(self._base, "devlog")
        if own_log:
            self._kept.append(keep({"remove": path}))
        self._syslog = SyslogSocket(path, self.log)
        script = f'hostname {_HOST} 2>/dev/null; exec "$@"'
        if not own_log:
            script = f'mount --bind {path} "$(readlink -f /dev/log)" && ' + script
        namespaces = [word for word in ("--uts", "--mount") if run("unshare", word, "true", check=False).returncode == 0]
        if not own_log and "--mount" not in namespaces:
            raise Unavailable("/dev/log belongs to the machine's own syslog, and no mount namespace can be made to put ours over it")
        process = subprocess.Popen(
            [
                "unshare",
                *namespaces,
                "sh",
                "-c",
                script if "--uts" in namespaces else 'exec "$@"',
                "sh",
                self._program,
                f"-C{self.cf}",
                "-bD",
                "-q1s",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(self._base, "stderr"), "wb"),
        )
        self._kept.append(keep_process(process.pid))
        # Without a UTS namespace it sleeps a minute about its unqualified name.
        wait_until(lambda: listens("127.0.0.1", self.port) or process.poll() is not None, "Sendmail to listen", timeout=90)
        if process.poll() is not None:
            with open(os.path.join(self._base, "stderr"), encoding="utf-8", errors="replace") as said:
                raise RuntimeError(f"Sendmail ended at once: {said.read()}")
        return self

    def stop(self):
        while self._kept:
            self._kept.pop().end()
        self._syslog.close()

    def command(self, *words, text="Subject: harness\n\nHello.\n", submit=True):
        """The `sendmail` command, run by nobody, through the submit.cf of this Sendmail; `submit` False: by root with its sendmail.cf."""
        named = ("unshare", "--uts", "sh", "-c", f'hostname {_HOST}; exec "$@"', "sh")  # Else it sleeps, as the daemon would.
        if not submit:
            return run(*named, self._program, f"-C{self.cf}", *words, input=text, check=False)
        cf = os.path.join(self._base, "submit.cf")
        if not os.path.exists(cf):
            mc = os.path.join(self._base, "submit.mc")
            with open(mc, "w", encoding="ascii") as file:
                file.write(_SUBMIT_MC.format(host=_HOST, base=self._base, port=self.port))
            self._build(mc, cf)
            self.client_queue = os.path.join(self._base, "clientqueue")
            os.mkdir(self.client_queue)
            shutil.chown(self.client_queue, "nobody", "nogroup")
            os.chmod(self.client_queue, 0o770)
        nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
        return run(*named, *nobody, self._program, f"-C{cf}", *words, input=text, check=False)

    def queue_ids(self):
        return sorted(name[2:] for name in os.listdir(os.path.join(self._base, "spool")) if name.startswith("qf"))

    def wait_empty(self, timeout=40):
        wait_until(lambda: not self.queue_ids(), lambda: f"an empty queue, but it holds {self.queue_ids()}", timeout)

    def log_text(self):
        time.sleep(0.1)
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()
