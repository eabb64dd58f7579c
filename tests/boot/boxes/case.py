"""What the boot tests share: a TestCase with a booted box and its service, which leaves the box as it was."""

import itertools
import os
import smtplib
import sys
import unittest

from harness import mail
from harness.tools import Unavailable, wait_until

from . import setup
from .service import NAME

_names = itertools.count(1)


class BoxTest(unittest.TestCase):
    """`mta` names the box. All tests of a process share it, so each takes addresses of its own: address()."""

    maxDiff = None
    mta = None

    def setUp(self):
        try:
            self.service = setup.installed(self.mta)
        except Unavailable as missing:
            self.skipTest(str(missing))
        self.box = self.service.box
        self.world = self.box.world
        self.remote = self.world.remote
        self.port = setup.PORTS[self.mta]
        self.begun = self.service.now()
        self.addCleanup(self._leave_as_it_was)
        self._changed = False

    def _leave_as_it_was(self):
        if self._changed or not self.service.is_active():
            self.service.stop()
            self.service.start_again()
        self.service.wait_active()

    def _callTestMethod(self, method):
        try:
            super()._callTestMethod(method)
        except unittest.SkipTest:
            raise
        except Exception:
            self._changed = True
            self._show()
            raise

    def _show(self):
        texts = {
            "what suppressd and systemd said": self.service.said(self.begun),
            "/var/log/mail.log": self.box.run("cat", "/var/log/mail.log", check=False).stdout,
        }
        for title, text in texts.items():
            print(f"--- {title}", *text.splitlines()[-40:], sep="\n", file=sys.stderr)

    # Changes to the box, each undone at the end of the test.

    def configure(self, restart=True, **settings):
        """Changes suppressd.conf: `soft__threshold=5` is soft.threshold."""
        before = dict(self.service.settings)
        self.addCleanup(self._configure_again, before)
        self.service.configure(**settings)
        if restart:
            self.service.restart()

    def _configure_again(self, settings):
        self.service.settings = settings
        self.service.configure()
        self._changed = True

    def break_configuration(self):
        """An unknown key. repair_configuration() takes it out again."""
        self.addCleanup(self.repair_configuration)
        self.box.write(setup.CONFIG, "[soft]\ntreshold = 3\n", "a")
        self._changed = True

    def repair_configuration(self):
        self.service.configure()

    def drop_in(self, text, unit=NAME):
        """Settings of a unit, as `systemctl edit` makes them."""
        path = f"/etc/systemd/system/{unit}.d/test.conf"
        self.addCleanup(self._take_away, path)
        self.box.write(path, text)
        self.service.systemctl("daemon-reload")

    def _take_away(self, path):
        os.unlink(self.box.path(path))
        self.service.systemctl("daemon-reload")
        self._changed = True

    def restart_fails(self):
        self.assertNotEqual(self.service.systemctl("restart", NAME, check=False).returncode, 0)

    # The two ways to run it. The box is left in the one that README.md recommends.

    def use_socket(self):
        if not self.service.by_socket:
            self.addCleanup(self.service.use_path, self.service.settings["milter.socket"])
            self.service.use_socket()

    def use_path(self):
        if self.service.by_socket:
            self.addCleanup(self.service.use_socket)
            self.service.use_path(setup.PATHS[self.mta])

    # Mail.

    def address(self, name, domain="a.example"):
        """A recipient that no test had yet; the server outside answers by its name, as in harness.remote."""
        return f"{name}.{next(_names)}@{domain}"

    def send(self, *recipients, **options):
        """Over SMTP as an application of the box does."""
        with self.box.network():
            return mail.send(self.port, *recipients, **options)

    def code(self, recipient):
        """The answer to this recipient now; a message that is accepted goes out."""
        return self.send(recipient).code(recipient)

    def session(self):
        """An SMTP session that is kept open."""
        with self.box.network():
            client = smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.sender.example", timeout=60)
        self.addCleanup(client.close)
        client.ehlo()
        return client

    def learn(self, name="dead", domain="a.example", timeout=30):
        """An address that the world refuses, and that is learned from the MTA's log."""
        address = self.address(name, domain)
        self.assertEqual(self.code(address), 250, "it is not suppressed yet")
        self.service.wait_suppressed(address, timeout=timeout)
        return address

    def listed(self):
        """An address that was suppressed by hand."""
        address = self.address("listed")
        self.service.ctl("add", address)
        return address

    def wait_logged(self, pattern, timeout=30):
        """Until the MTA has logged it, whether or not anybody reads the log."""
        words = ("journalctl", "-q", "-o", "cat", "--after-cursor", self.begun, "-g", pattern)
        logged = f"the MTA to log {pattern!r}"
        wait_until(lambda: self.box.run(*words, check=False).stdout, logged, timeout, 0.2)

    def bounced(self, name="dead", domain="a.example"):
        """An address whose bounce is logged; nothing is said of whether it is learned."""
        address = self.address(name, domain)
        self.assertEqual(self.code(address), 250)
        self.wait_logged(f"to=<{address}>.*(status=bounced|stat=User unknown)")
        return address

    def killed(self):
        """Kills the daemon amid bounces: it comes back by itself, and learns each of them once."""
        killed = self.service.pid
        dead = [self.bounced()]
        self.service.kill()
        dead.append(self.bounced())
        self.service.wait_another(killed)
        dead.append(self.bounced())
        for address in dead:
            self.service.wait_suppressed(address)
            self.assertEqual(len(self.service.failures(address)), 1)
            self.assertEqual(self.code(address), 550)
