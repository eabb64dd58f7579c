"""The Debian 12 roots that the tests boot, one with Postfix and one with Sendmail, both with rsyslog.

A root is made once by mmdebstrap, which fetches some 100 MB of packages, and kept outside of the source: in
SUPPRESSD_BOOT_CACHE, or else in ${XDG_CACHE_HOME:-/var/cache}/suppressd-tests/boot, under the digest of its
recipe. It is never changed after that, and may be deleted when no test runs. Run as a program this makes both
roots; exit status 77: they cannot be made here, and why.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "../../mta")))

from harness.guard import keep
from harness.tools import Unavailable, run

HOST = "mta.sender.example"
ADDRESS = "192.0.2.25"
NAMESERVER = "198.51.100.53"

_SYSTEM = "systemd systemd-sysv dbus rsyslog logrotate iproute2 procps sqlite3 python3-minimal libpython3-stdlib"
# What suppressd and suppressctl are linked with. The test of the installation says when one is missing.
_LIBRARIES = (
    "libarchive13 libcctz2 libfmt9 libglib2.0-0 libgmime-3.0-0 libidn2-0 libmilter1.0.1 libpsl5 libre2-9"
    " libspdlog1.10 libsqlite3-0 libssl3 libstdc++6 libsystemd0 libtomlplusplus3 zlib1g"
)
_MTAS = {
    "postfix": "postfix postfix-sqlite",
    "sendmail": "sendmail sendmail-bin sendmail-base sendmail-cf sensible-mda make m4",
}
_DEBCONF = (
    "postfix postfix/main_mailer_type select Internet Site",
    "postfix postfix/mailname string sender.example",
)
# Before the MTA is installed, which asks for the name; and at the end, for mmdebstrap brings this machine's.
_NAMES = (
    f'echo {HOST} >"$1/etc/hostname"; '
    f'printf "127.0.0.1 localhost\\n{ADDRESS} {HOST} mta\\n" >"$1/etc/hosts"'
)
_BEFORE = (_NAMES, *(f'echo "{line}" | chroot "$1" debconf-set-selections' for line in _DEBCONF))
_AFTER = (
    _NAMES,
    f'echo nameserver {NAMESERVER} >"$1/etc/resolv.conf"',
    ': >"$1/etc/machine-id"',
    'find "$1/var/log" -type f -delete',
    'chroot "$1" useradd --create-home --shell /bin/sh visitor',
)


def _recipe(mta):
    """The words of mmdebstrap, without the target. They make the root, and their digest names it."""
    return [
        *("mmdebstrap", "--quiet", "--variant=essential"),
        f"--include={','.join(f'{_SYSTEM} {_LIBRARIES} {_MTAS[mta]}'.split())}",
        *('--aptopt=Acquire::Languages "none"', "--aptopt=Acquire::Retries 3", "--dpkgopt=force-unsafe-io"),
        *("--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*"),
        *(f"--essential-hook={line}" for line in _BEFORE),
        *(f"--customize-hook={line}" for line in _AFTER),
        "bookworm",
    ]


def _cache():
    base = os.environ.get("XDG_CACHE_HOME") or "/var/cache"
    return os.environ.get("SUPPRESSD_BOOT_CACHE") or os.path.join(base, "suppressd-tests/boot")


def _proxies():
    """This machine's proxies, for mmdebstrap's apt has a configuration of its own."""
    lines = run("apt-config", "dump", "Acquire::http::Proxy", "Acquire::https::Proxy").stdout.splitlines()
    return [f"--aptopt={line}" for line in lines if not line.endswith('"";')]


def _make(mta, target):
    for program in ("mmdebstrap", "apt-config"):
        if not shutil.which(program):
            raise Unavailable(f"{program}, which makes the root, is not installed")
    partial = f"{target}.{os.getpid()}"
    kept = keep({"remove": partial})
    words = _recipe(mta)
    # LANG=C: perl complains about a locale that the root lacks.
    environment = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(*words[:-1], *_proxies(), words[-1], partial, timeout=1200, env=environment)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        kept.end()
        reason = " ".join(str(error).strip().splitlines()[-2:])  # The command is before them.
        raise Unavailable(f"mmdebstrap cannot make a Debian 12 root with {mta}: {reason}") from error
    os.rename(partial, target)
    kept.end()


def root(mta):
    """The path of the root with this MTA, which is made if it is not there."""
    digest = hashlib.sha256(json.dumps(_recipe(mta)).encode()).hexdigest()[:16]
    folder = _cache()
    target = os.path.join(folder, f"{mta}-{digest}")
    if not os.path.isdir(target):
        if os.geteuid() != 0:
            raise Unavailable("needs root: it makes a Debian root and boots it")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"{mta}.lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.isdir(target):
                _make(mta, target)
    return target


if __name__ == "__main__":
    try:
        for name in _MTAS:
            print(root(name))
    except Unavailable as missing:
        print(f"skipped: {missing}")
        sys.exit(77)
