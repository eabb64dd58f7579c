"""A world of this process's own: network, mounts and host name, so that a test can use the real ports, names and paths.

enter() puts the process into it, for good; call it in setUpModule, before anything is started. Nothing that is done to the network, to
/dev/log or to a mounted path reaches the machine, and it is gone with the process.
"""

import ctypes
import os
import unittest

from .case import MtaTest
from .dns import Dns
from .remote import Remote
from .tools import Unavailable, run

HOST = "mta.sender.example"
FAR = "127.0.0.9"  # The recipients' MX, with a server at port 25. Not an address of this host's interfaces, which are local relays.
DEAD = "127.0.0.7"  # Has none.
_NAMESPACES = 0x00020000 | 0x04000000 | 0x40000000  # mounts, host name, network
_ENTER = f"""
mount --make-rprivate /
ip link set lo up
hostname {HOST}
mkdir -p /var/tmp/suppressd-dev.$$
mount -t tmpfs -o mode=755 dev /var/tmp/suppressd-dev.$$
cd /var/tmp/suppressd-dev.$$
for name in null zero full random urandom tty; do : >$name; mount --bind /dev/$name $name; done
mkdir shm pts; ln -s /proc/self/fd fd; ln -s fd/0 stdin; ln -s fd/1 stdout; ln -s fd/2 stderr
: >resolv.conf
mount --bind resolv.conf "$(readlink -f /etc/resolv.conf)"
cd /
mount --rbind /var/tmp/suppressd-dev.$$ /dev
umount -l /var/tmp/suppressd-dev.$$
rmdir /var/tmp/suppressd-dev.$$
"""


def enter(*before):
    """`before`: what needs the network of the machine, to be called first. Skips the module where that, or a world, is not to be had."""
    try:
        for step in before:
            step()
        _enter()
    except Unavailable as missing:
        raise unittest.SkipTest(str(missing)) from missing


def _enter():
    if os.geteuid() != 0:
        raise Unavailable("needs root: it makes a network of its own")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NAMESPACES):
        raise Unavailable(f"no namespaces can be made here: {os.strerror(ctypes.get_errno())}")
    try:
        run("sh", "-ec", _ENTER)
    except RuntimeError as error:
        raise Unavailable(f"no world of its own can be made here: {str(error).strip()}") from error


class WorldTest(MtaTest):
    """Names are those of `zone`, and `self.far` is the server at FAR."""

    zone = {}

    def setUp(self):
        super().setUp()
        dns = Dns(self.zone)
        self.addCleanup(dns.close)
        with open("/dev/resolv.conf", "w", encoding="ascii") as file:
            file.write(f"nameserver {dns.address}\noptions timeout:1 attempts:2\n")
        self.far = Remote(FAR, 25)
        self.addCleanup(self.far.close)
