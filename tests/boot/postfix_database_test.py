"""The database under the real unit: a full disk, and a file that is replaced beneath a running daemon."""

import unittest

from boxes.case import BoxTest
from boxes.service import DATABASE
from harness.tools import wait_until

FOLDER = "/var/lib/suppressd"


class FullDisk(BoxTest):
    mta = "postfix"

    def setUp(self):
        super().setUp()
        self.service.stop()
        self.addCleanup(self.unmount)
        self.box.shell(f"mount -t tmpfs -o size=2m,mode=0750,uid=suppressd,gid=suppressd disk {FOLDER}")
        self.service.start_again()

    def unmount(self):
        self.service.stop()
        self.box.run("umount", FOLDER)

    def fill(self):
        write = f"dd if=/dev/zero bs=$size >>{FOLDER}/filler"
        self.box.shell(f"for size in 65536 4096 1; do {write}; done 2>/dev/null; :")

    def test_a_full_disk_neither_stops_mail_nor_loses_a_bounce(self):
        known = self.learn()
        self.fill()
        missed = []
        for _ in range(40):  # The write-ahead log may have room left in the blocks that it has.
            missed.append(self.bounced())
            self.assertEqual(self.code(known), 550)
            self.fill()
            if "no space left" in self.service.said(self.begun):
                break
        self.service.wait_said("no space left", self.begun)
        self.assertTrue(self.service.is_active())
        missed.append(self.bounced())
        self.box.shell(f"rm {FOLDER}/filler")
        for address in missed:
            self.service.wait_suppressed(address, timeout=60)
            self.assertEqual(len(self.service.failures(address)), 1)
        self.assertEqual(self.service.query("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.service.query("SELECT reason FROM gap"), [])


class Replaced(BoxTest):
    mta = "postfix"

    def test_a_replaced_database_does_not_stay_locked(self):
        # An operator puts a copy in place under the running daemon, and then takes the old log away.
        self.learn()
        self.box.shell(
            f"sqlite3 {DATABASE} '.backup {DATABASE}.copy' && chmod 0640 {DATABASE}.copy"
            f" && chown suppressd: {DATABASE}.copy && mv {DATABASE}.copy {DATABASE}"
        )
        self.bounced()
        self.service.wait_said("the file was replaced", self.begun)
        self.bounced()
        self.box.shell(f"rm -f {DATABASE}-wal {DATABASE}-shm")
        after = self.bounced()
        # Asked of the milter, for a reader of our own would be one more hand on the files.
        wait_until(lambda: self.code(after) == 550, f"{after} to be learned", 20, 1)
        self.assertEqual(self.service.query("PRAGMA integrity_check"), [("ok",)])
        since = self.service.now()
        self.learn()
        self.assertNotRegex(self.service.said(since), "cannot")


if __name__ == "__main__":
    unittest.main()
