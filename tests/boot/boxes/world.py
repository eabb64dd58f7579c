"""The network outside of a box: a namespace that this process moves into, with mail servers and DNS.

The box is joined to it by a veth pair. No server has an address of the box's own, which would be a local
relay to suppressd. Each domain of the zone has its mail exchanger here, and no other name exists.
"""

import contextlib
import ctypes
import os

from harness.dns import Dns
from harness.remote import Remote
from harness.tools import Unavailable, run

from .roots import NAMESERVER

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_libc = ctypes.CDLL(None, use_errno=True)

PROVIDERS = {"a.example": "198.51.100.10", "b.example": "203.0.113.10"}
INSIDE = "box0"  # The box's end of the pair.


def _call(function, *words, what):
    if function(*words):
        error = os.strerror(ctypes.get_errno())
        raise Unavailable(f"{what}: {error}")


@contextlib.contextmanager
def network_of(pid):
    """While it lasts, sockets that this thread makes belong to the network of that process."""
    with open("/proc/thread-self/ns/net", "rb") as own, open(f"/proc/{pid}/ns/net", "rb") as other:
        _call(_libc.setns, other.fileno(), _NEW_NETWORK, what="setns")
        try:
            yield
        finally:
            _call(_libc.setns, own.fileno(), _NEW_NETWORK, what="setns")


class World:
    def __init__(self):
        _call(_libc.unshare, _NEW_NETWORK, what="no network namespace can be made here")
        ip = run("ip", "link", "add", "world0", "type", "veth", "peer", "name", INSIDE, check=False)
        if ip.returncode:
            raise Unavailable(f"no veth pair can be made here: {ip.stderr.strip()}")
        run("ip", "link", "set", "lo", "up")
        for address in (NAMESERVER, *PROVIDERS.values()):
            run("ip", "address", "add", f"{address}/32", "dev", "world0")
        run("ip", "link", "set", "world0", "up")
        self.zone = {}
        for domain, address in PROVIDERS.items():
            self.zone[domain] = [("MX", f"mx.{domain}")]
            self.zone[f"mx.{domain}"] = [("A", address)]
        self.dns = Dns(self.zone, NAMESERVER)
        self.remote = Remote("0.0.0.0", 25)

    def join(self, pid, address):
        """Gives the box, whose process that is, its end of the pair."""
        run("ip", "link", "set", INSIDE, "netns", pid)
        inside = ("nsenter", f"--target={pid}", "--net", "ip")
        run(*inside, "address", "add", f"{address}/24", "dev", INSIDE)
        run(*inside, "link", "set", INSIDE, "up")
        run(*inside, "route", "add", "default", "dev", INSIDE)
        run("ip", "route", "add", f"{address}/32", "dev", "world0")
