"""Brings a box into the state that README.md describes: suppressd runs, and the MTA asks it."""

import os
import re

from harness.sendmail_example import followed
from harness.tools import Unavailable, listens, wait_until

from .box import shared
from .service import CONFIG, SOURCE, Service

__all__ = ["CONFIG", "PATHS", "PORTS", "installed"]

# Where applications of the box hand in their mail.
PORTS = {"postfix": 10025, "sendmail": 25}
# Where the daemon listens when it does so by itself.
PATHS = {
    "postfix": "unix:/var/spool/postfix/suppressd/suppressd.sock",
    "sendmail": "unix:/run/suppressd/suppressd.sock",
}
_services = {}


def installed(mta):
    """The service of the box with this MTA, running. What failed once is not tried again."""
    if mta not in _services:
        service = Service(shared(mta))
        try:
            service.install()
            _SETUPS[mta](service.box, service)
            _services[mta] = service
        except (RuntimeError, TimeoutError) as error:
            _services[mta] = RuntimeError(f"the installation by README.md failed: {error}\n{service.said()}")
    if isinstance(_services[mta], RuntimeError):
        raise _services[mta]
    return _services[mta]


def example(name):
    with open(os.path.join(SOURCE, "conf", name), encoding="utf-8") as file:
        return file.read()


def _postfix(box, service):
    service.set_up(milter__mode="enforce")
    services = re.findall(r"(?m)^127\.0\.0\.1:.*\n(?:[ \t]+.*\n)*", example("postfix-master.cf.example"))
    box.write("/etc/postfix/main.cf", "\n" + example("postfix-main.cf.example"), "a")
    box.write("/etc/postfix/master.cf", "".join(services), "a")
    box.run("postconf", "-e", "myhostname = mta.sender.example", "smtp_connect_timeout = 5s")
    box.run("systemctl", "restart", "postfix@-.service")
    _wait_listening(box, "postfix")


def _sendmail(box, service):
    service.set_up(milter__mode="enforce")
    box.world.zone["sender.example"] = box.world.zone["a.example"]  # Bounces go there.
    box.write("/etc/mail/sendmail.mc", followed(example("sendmail.mc.example"), box.read("/etc/mail/sendmail.mc")))
    box.run("make", "-C", "/etc/mail")
    box.run("systemctl", "restart", "sendmail.service")
    _wait_listening(box, "sendmail")


def _wait_listening(box, mta):
    with box.network():
        wait_until(lambda: listens("127.0.0.1", PORTS[mta]), f"{mta} to listen", 60, 0.2)


_SETUPS = {"postfix": _postfix, "sendmail": _sendmail}
