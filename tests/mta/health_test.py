"""What the daemon says about itself (the status line, as systemd gets it), and a log that cannot be read: the list is still enforced."""

import os
import socket
import sqlite3
import time
import unittest

from harness.case import MtaTest
from harness.journal import Journal
from harness.mail import send
from harness.tools import wait_until


class Manager:
    """Collects what the daemon tells its service manager."""

    def __init__(self, daemon):
        path = os.path.join(daemon.folder, "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        os.chmod(path, 0o666)
        self._socket.setblocking(False)
        daemon.environment["NOTIFY_SOCKET"] = path
        self.lines = []

    def status(self):
        """The newest status line."""
        try:
            while True:
                self.lines += self._socket.recv(65536).decode().split("\n")
        except BlockingIOError:
            pass
        return next((line.removeprefix("STATUS=") for line in reversed(self.lines) if line.startswith("STATUS=")), "")

    def wait(self, *words, timeout=40):
        wait_until(
            lambda: all(word in self.status() for word in words), lambda: f"{words} in the status line, which is {self.status()!r}", timeout
        )

    def close(self):
        self._socket.close()


class HealthTest(MtaTest):
    def setUp(self):
        super().setUp()
        self.mta = self.postfix(milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock")

    def managed(self, *args, **settings):
        daemon = self.suppressd(*args, **settings)
        self.manager = Manager(daemon)
        self.addCleanup(self.manager.close)
        return daemon

    def code(self, recipient):
        return send(self.mta.port, recipient).code(recipient)


class StatusLine(HealthTest):
    def test_failing_look_ups_are_reported_although_learning_works(self):
        daemon = self.managed(self.mta.log).start()
        self.mta.start()
        self.manager.wait("look-ups ok", f"learning from file {self.mta.log}")
        self.assertIn(f"log: file {self.mta.log}", daemon.said())
        self.assertEqual(self.code("good@b.example"), 250)
        # The lock keeps readers out, too, until it ends.
        lock = sqlite3.connect(daemon.database, isolation_level=None)
        self.addCleanup(lock.close)
        lock.execute("ALTER TABLE suppression RENAME TO elsewhere")
        self.assertEqual(self.code("good@b.example"), 250)
        self.manager.wait("look-ups failing since 2")
        self.assertIn("status: look-ups failing", daemon.said())
        lock.execute("ALTER TABLE elsewhere RENAME TO suppression")
        self.manager.wait("look-ups ok", "learning from")


class Unreadable(HealthTest):
    def is_enforced(self, daemon):
        daemon.ctl("add", "listed@b.example")
        self.assertEqual(self.code("listed@b.example"), 550)

    def test_a_log_without_permission_neither_stops_the_start_nor_loses_what_is_logged_meanwhile(self):
        self.mta.start()
        self.assertEqual(self.code("dead.before@a.example"), 250)
        self.mta.wait_empty()
        os.chmod(self.mta.log, 0o600)
        time.sleep(1)  # What is logged in the second of the start is learned.
        daemon = self.managed(self.mta.log, source__start="end").start()
        self.manager.wait("look-ups ok", "not learning from", "setfacl")
        self.assertIn("not learning from file", daemon.said())
        self.assertIn("setfacl", daemon.said())
        checked = daemon.once("--config", daemon.config, "--check-config")
        self.assertEqual(checked.returncode, 78)
        self.assertIn("setfacl", checked.stderr)
        reload = daemon.once("--config", daemon.config, "--check-reload")
        self.assertEqual(reload.returncode, 0, "a log that cannot be read must not keep an operator from a reload")
        self.is_enforced(daemon)
        self.assertEqual(self.code("dead.meanwhile@a.example"), 250)
        self.mta.wait_empty()
        self.assertEqual(daemon.stop(), 0)  # A restart changes nothing about where it begins.
        self.assertEqual(send(self.mta.port, "dead.down@a.example").code("dead.down@a.example"), 250)
        self.mta.wait_empty()
        daemon.start()
        os.chmod(self.mta.log, 0o644)
        daemon.wait_suppressed("dead.meanwhile@a.example", timeout=60)
        daemon.wait_suppressed("dead.down@a.example")
        self.manager.wait("learning from file")
        self.assertNotIn("not learning", self.manager.status())
        self.assertNotIn("dead.before@a.example", daemon.suppressed())
        self.assertEqual(daemon.query("SELECT reason FROM gap"), [])

    def test_a_log_that_is_not_there_yet_does_not_keep_the_other_one_from_being_learned(self):
        late = os.path.join(self.workspace.folder("late"), "mail.log")
        daemon = self.managed(source__files=[self.mta.log, late])
        daemon.start()
        self.mta.start()
        self.assertEqual(self.code("dead@a.example"), 250)
        daemon.wait_suppressed("dead@a.example", timeout=60)
        self.is_enforced(daemon)
        self.manager.wait(f"learning from file {self.mta.log}", f"not learning from file {late}")
        with open(self.mta.log, encoding="utf-8") as log, open(late, "w", encoding="utf-8") as file:
            file.write(log.read().replace("dead@a.example", "dead.late@a.example"))
        daemon.wait_suppressed("dead.late@a.example", timeout=60)
        self.manager.wait(f"; learning from file {late}")

    def test_a_journal_that_is_not_there_yet_does_not_stop_the_start(self):
        folder = os.path.join(self.workspace.path, "journal")
        daemon = self.managed(source__journal=folder, source__start="end").start()
        self.mta.start()
        self.manager.wait("look-ups ok", "not learning", folder)
        self.is_enforced(daemon)
        self.assertEqual(self.code("dead@a.example"), 250)
        self.mta.wait_empty()
        journal = Journal(self.workspace)
        self.addCleanup(journal.close)
        journal.feed(self.mta.log)
        daemon.wait_suppressed("dead@a.example", timeout=60)
        self.assertEqual(daemon.query("SELECT reason FROM gap"), [])


if __name__ == "__main__":
    unittest.main()
