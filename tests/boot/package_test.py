"""The Debian package in a Debian with a real systemd and Debian's Postfix: installed, tried, upgraded under mail, removed, purged."""

import functools
import glob
import os
import shutil
import unittest

from boxes.box import shared
from boxes.service import DATABASE, SOCKET, SOURCE, Service
from boxes.setup import PORTS
from boxes.traffic import Traffic
from harness import mail
from harness.tools import Unavailable, run, wait_until

CONFIG = "/etc/suppressd/suppressd.conf"
TREE = "/usr/src/suppressd"


@functools.lru_cache(maxsize=None)
def packaged():
    """The package of the build that is tested, as build-deb.sh makes it."""
    run("packaging/build-deb.sh", "--build", os.environ["SUPPRESSD_BUILD"], cwd=SOURCE, timeout=900)
    (package,) = glob.glob(f"{SOURCE}/build/deb/suppressd_*.deb")
    return package


class Package(unittest.TestCase):
    """One test: each step begins where the one before ended."""

    maxDiff = None

    def setUp(self):
        try:
            self.box = shared("postfix")
        except Unavailable as missing:
            self.skipTest(str(missing))
        self.service = Service(self.box)
        self.service.by_socket = True
        self.package = packaged()

    def dpkg(self, *words):
        return self.box.run("dpkg", *words, timeout=300).stdout

    def install(self, package):
        shutil.copy(package, self.box.path("/root/suppressd.deb"))
        self.dpkg("--install", "/root/suppressd.deb")

    def send(self, recipient):
        with self.box.network():
            return mail.send(PORTS["postfix"], recipient).code(recipient)

    def newer(self):
        """The same package with a higher version."""
        folder, package = f"{os.path.dirname(self.package)}/newer", self.package.replace(".deb", ".newer.deb")
        run("dpkg-deb", "--raw-extract", self.package, folder)
        with open(f"{folder}/DEBIAN/control", encoding="utf-8") as file:
            control = file.read()
        with open(f"{folder}/DEBIAN/control", "w", encoding="utf-8") as file:
            file.write(control.replace("\nVersion: ", "\nVersion: 1:", 1))
        run("dpkg-deb", "--root-owner-group", "-Znone", "--build", folder, package)
        return package

    def test_it_is_installed_learns_is_upgraded_under_mail_removed_and_purged(self):
        self.install(self.package)
        differs = self.box.run("dpkg", "--verify", "suppressd").stdout.splitlines()
        self.assertEqual([line for line in differs if "/usr/share/man" not in line], [], "the box has no manual pages")
        for unit in ("suppressd.service", SOCKET):
            self.assertTrue(self.service.is_active(unit), self.service.said())
            self.assertEqual(self.service.systemctl("is-enabled", unit).stdout.strip(), "enabled")
        owner = self.box.run("stat", "-c", "%F %U %G %a", "/var/spool/postfix/suppressd/suppressd.sock").stdout
        self.assertEqual(owner.strip(), "socket suppressd postfix 660")

        # What its autopkgtest does.
        for folder in ("tests/mta/harness", "packaging/debian"):
            shutil.copytree(f"{SOURCE}/{folder}", self.box.path(f"{TREE}/{folder}"))
        self.box.shell(f"cd {TREE} && packaging/debian/tests/bounce", timeout=200)

        # An operator's change and the list outlive an upgrade; nobody who is suppressed gets mail meanwhile.
        self.box.write(CONFIG, "\n# The operator was here.\n", "a")
        newer, pid, started = self.newer(), self.service.pid, self.service.show("ActiveEnterTimestampMonotonic", SOCKET)
        with Traffic(self.box, PORTS["postfix"], "dead@shop.example", "good@a.example") as traffic:
            wait_until(lambda: len(traffic.sessions) > 3, "mail to flow")
            self.install(newer)
            traffic.restarts.append(int(self.service.show("ActiveExitTimestampMonotonic")) / 1e6)
            count = len(traffic.sessions)
            wait_until(lambda: len(traffic.sessions) > count + 3, "mail to flow on")
        met, after = traffic.passed()
        self.assertEqual((after, [session for session in traffic.sessions if session.error]), ([], []))
        self.assertEqual(self.service.show("ActiveEnterTimestampMonotonic", SOCKET), started, "the socket was held")
        self.assertNotEqual(self.service.pid, pid)
        self.assertIn("# The operator was here.", self.box.read(CONFIG))
        print(f"{len(traffic.sessions)} sessions, {len(met)} that the upgrade met")

        # Without it mail flows, and its list waits for its return.
        self.dpkg("--remove", "suppressd")
        self.assertFalse(self.service.is_active() or self.service.is_active(SOCKET))
        self.assertEqual(self.send("dead@shop.example"), 250)
        self.install(newer)
        wait_until(lambda: self.send("dead@shop.example") == 550, "the list to be in force again")

        self.dpkg("--purge", "suppressd")
        self.assertEqual(self.send("dead@shop.example"), 250)
        left = [path for path in (DATABASE, CONFIG, "/var/lib/suppressd", "/var/spool/postfix/suppressd") if os.path.exists(self.box.path(path))]
        self.assertEqual(left, [])

    def test_lintian_finds_nothing(self):
        words = ("lintian", "--allow-root", "--fail-on", "error,warning", self.package)
        said = run(*words, check=False, timeout=300)
        self.assertEqual((said.returncode, said.stdout), (0, ""), said.stderr)


if __name__ == "__main__":
    unittest.main()
