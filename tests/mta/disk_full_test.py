"""The disk of the database is full, then has room again, beside a real Postfix: mail flows, nothing is half-written, and learning continues
where it was, by itself. The disk is a small file system in memory, which needs the right to mount one.
"""

import errno
import os
import time
import unittest

from harness.case import MtaTest
from harness.guard import keep
from harness.mail import send
from harness.tools import DAEMON_UID, run, wait_until


class DiskFull(MtaTest):
    def setUp(self):
        super().setUp()
        self.disk = self.workspace.folder("disk")
        mounted = run("mount", "-t", "tmpfs", "-o", f"size=2m,mode=0755,uid={DAEMON_UID},gid={DAEMON_UID}", "none", self.disk, check=False)
        if mounted.returncode:
            self.skipTest(f"no file system can be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(keep({"run": ["umount", "-l", self.disk]}).end)
        self.mta = self.postfix(milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock")
        self.daemon = self.suppressd(self.mta.log)
        self.daemon.database = os.path.join(self.disk, "suppressd.db")
        self.daemon.configure(database__path=self.daemon.database)
        self.daemon.start()
        self.mta.start()
        send(self.mta.port, "dead.before@a.example", "full.1@b.example")
        self.daemon.wait_suppressed("dead.before@a.example")
        self.mta.wait_empty()
        self.daemon.settle()

    def fill(self):
        with open(os.path.join(self.disk, "filler"), "ab", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError as full:
                    if full.errno != errno.ENOSPC:
                        raise

    def make_room(self):
        os.unlink(os.path.join(self.disk, "filler"))

    def mail_while_it_is_full(self, turn):
        """A suppressed address is refused, others are accepted, and what is logged about them cannot be learned."""
        answers = send(self.mta.port, "dead.before@a.example", f"dead.{turn}@a.example", f"full.{turn}@b.example", f"good.{turn}@c.example")
        codes = [answers.code(recipient) for recipient in answers.recipients]
        self.assertEqual(codes, [550, 250, 250, 250])
        self.assertEqual(answers.data[:3], "250")

    def sound_and_like_a_replay(self):
        self.mta.wait_empty()
        self.daemon.settle(60)
        self.assertEqual(self.daemon.query("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.daemon.query("SELECT reason FROM gap"), [])
        os.chmod(self.mta.log, 0o644)
        other = self.suppressd(name="other")
        other.ctl("replay", self.mta.log)
        self.assertEqual(other.dump(), self.daemon.dump())

    def test_mail_flows_and_learning_continues_by_itself(self):
        self.fill()
        # The write-ahead log may have room left in the blocks that it has: fill those too.
        for turn in range(40):
            self.mail_while_it_is_full(turn)
            self.fill()
            if "no space left" in self.daemon.said():
                break
        self.assertIn("no space left on the device", self.daemon.said())
        failed = len(self.daemon.failures())
        self.mail_while_it_is_full(100)
        time.sleep(1)
        self.assertEqual(len(self.daemon.failures()), failed)
        self.assertNotIn("dead.100@a.example", self.daemon.suppressed())
        self.make_room()
        self.daemon.wait_suppressed("dead.100@a.example", timeout=60)
        wait_until(lambda: "learning again" in self.daemon.said(), "the daemon to say that it learns again")
        self.assertEqual(send(self.mta.port, "dead.100@a.example").code("dead.100@a.example"), 550)
        self.sound_and_like_a_replay()

    def test_a_daemon_that_is_killed_on_a_full_disk_serves_again_and_learns_when_there_is_room(self):
        self.fill()
        for turn in range(3):
            self.mail_while_it_is_full(turn)
            self.fill()
        self.daemon.kill()
        self.daemon.start()
        self.mail_while_it_is_full(3)
        self.make_room()
        self.daemon.wait_suppressed("dead.2@a.example", timeout=60)
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start()
        self.sound_and_like_a_replay()


if __name__ == "__main__":
    unittest.main()
