"""A world of this process's own: network, mounts and host name, so that a test can use the real ports, names and paths.

enter() puts the process into it, once and for good; call it in setUpModule, before anything is started. Nothing that is done to the
network, to /dev/log or to a mounted path reaches the machine, and it is gone with the process. Names are resolved by the Dns that
resolve_by() names.
"""

import ctypes
import os

from .tools import Unavailable, run

HOST = "mta.sender.example"
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
    """`before`: what needs the network of the machine, to be called first."""
    for step in before:
        step()
    if os.geteuid() != 0:
        raise Unavailable("needs root: it makes a network of its own")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NAMESPACES):
        raise Unavailable(f"no namespaces can be made here: {os.strerror(ctypes.get_errno())}")
    try:
        run("sh", "-ec", _ENTER)
    except RuntimeError as error:
        raise Unavailable(f"no world of its own can be made here: {str(error).strip()}") from error


def resolve_by(address):
    """`address`: of a Dns."""
    with open("/dev/resolv.conf", "w", encoding="ascii") as file:
        file.write(f"nameserver {address}\noptions timeout:1 attempts:2\n")
