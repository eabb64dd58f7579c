"""The logs with Postfix: journal, rsyslog's file and logrotate; and who else can write to them."""

import os
import time
import unittest

from boxes.case import BoxTest
from boxes.service import DATABASE
from harness.tools import wait_until

MAIL_LOG = "/var/log/mail.log"
FILE = {"source__files": [MAIL_LOG], "source__journal": False}
JOURNAL = {"source__files": [], "source__journal": True}
AUTO = {"source__files": [], "source__journal": "auto"}


class LogTest(BoxTest):
    mta = "postfix"

    def learned_once(self, *addresses):
        for address in addresses:
            self.service.wait_suppressed(address)
        counts = {address: len(self.service.failures(address)) for address in addresses}
        self.assertEqual(counts, dict.fromkeys(addresses, 1))

    def no_gap_since(self, before):
        self.assertEqual(self.gaps(), before)

    def gaps(self):
        return self.service.query("SELECT source, reason FROM gap")

    def rotate(self):
        self.box.run("logrotate", "--force", "/etc/logrotate.d/rsyslog")

    def never_followed(self):
        """As at the very first start: no log was followed before."""
        self.service.stop()
        self.box.shell(f"rm -f {DATABASE}*")
        self.service.start_again()

    def stop_rsyslog(self):
        """As on a Debian without it: the journal is the only log."""
        self.addCleanup(self.box.run, "systemctl", "start", "syslog.socket", "rsyslog.service")
        self.box.run("systemctl", "stop", "syslog.socket", "rsyslog.service")
        self.box.shell(f"rm -f {MAIL_LOG}*")


class Followed(LogTest):
    def test_a_recipient_that_bounced_is_not_accepted_again(self):
        dead = self.learn("dead")
        answer = self.send(dead, self.address("good")).recipients[dead]
        self.assertRegex(answer, r"^550 5\.1\.1 recipient suppressed: bad-mailbox since .*, ref ")

    def test_what_is_rotated_while_the_daemon_is_down_is_not_lost(self):
        self.configure(**FILE)
        self.rotated_while_down()

    def test_what_is_rotated_while_the_daemon_that_chose_the_log_is_down_is_not_lost(self):
        self.rotated_while_down()

    def rotated_while_down(self):
        gaps = self.gaps()
        known = self.learn()
        self.service.stop()
        before = self.bounced()
        self.rotate()
        between = self.bounced()
        self.rotate()
        after = self.bounced()
        self.service.start_again()
        self.learned_once(known, before, between, after, self.learn())
        self.no_gap_since(gaps)

    def test_a_bounce_is_not_lost_when_the_new_log_is_not_yet_there(self):
        gaps = self.gaps()
        self.configure(**FILE)
        known = self.learn()
        self.configure(**AUTO)
        self.service.stop()
        before = self.bounced()
        self.rotate()
        self.assertFalse(os.path.exists(self.box.path(MAIL_LOG)), "rsyslog makes it with the next line")
        self.service.start_again()
        self.service.wait_suppressed(before)
        self.learned_once(known, before, self.learn())
        self.no_gap_since(gaps)

    def test_without_rsyslog_nothing_is_lost_nor_learned_twice_when_it_comes_back(self):
        self.stop_rsyslog()
        self.never_followed()
        first = self.learn()
        self.assertFalse(os.path.exists(self.box.path(MAIL_LOG)))
        self.box.run("systemctl", "start", "syslog.socket", "rsyslog.service")
        second = self.learn()
        self.service.stop()
        down = self.bounced()
        self.service.start_again()
        self.learned_once(first, second, down, self.learn())
        self.no_gap_since([])

    def test_a_change_from_one_log_to_the_other_neither_loses_nor_repeats_a_bounce(self):
        self.never_followed()
        learned = []
        for settings in (JOURNAL, FILE, JOURNAL):
            self.service.stop()
            between = self.bounced()
            self.configure(restart=False, **settings)
            self.service.start_again()
            learned += [between, self.learn()]
            self.learned_once(*learned)
        self.no_gap_since([])

    def test_what_journald_dropped_is_not_kept_quiet(self):
        self.addCleanup(self.box.run, "systemctl", "restart", "postfix@-.service")
        self.drop_in("[Service]\nLogRateLimitIntervalSec=3s\nLogRateLimitBurst=10\n", "postfix@-.service")
        self.box.run("systemctl", "restart", "postfix@-.service")
        self.never_followed()
        self.configure(**JOURNAL)
        self.service.wait_said(r"journald.*postfix@-\.service", self.begun)
        for _ in range(25):
            self.send(self.address("good"))
        time.sleep(3)  # What was dropped is told with the first line after the interval.
        self.send(self.address("good"))
        wait_until(self.gaps, "a gap to be recorded", 20, 0.5)

    def test_an_unreadable_log_does_not_stop_the_start(self):
        listed = self.listed()
        self.configure(restart=False, **FILE)
        self.service.stop()
        self.addCleanup(self.box.shell, f"chown root:adm {MAIL_LOG}; chmod 0640 {MAIL_LOG}")
        self.box.shell(f"chown root:root {MAIL_LOG}; chmod 0600 {MAIL_LOG}")
        self.service.start_again()
        self.assertEqual(self.code(listed), 550)
        self.assertIn(MAIL_LOG, self.service.status())
        self.assertRegex(self.service.status(), "(?i)not learning|does not learn|cannot")
        check = self.service.once("--check-config")
        self.assertNotEqual(check.returncode, 0, check.stdout + check.stderr)
        missed = self.bounced()
        self.box.shell(f"chown root:adm {MAIL_LOG}; chmod 0640 {MAIL_LOG}")
        self.service.wait_suppressed(missed, timeout=60)


class Forged(LogTest):
    def forge(self):
        """A bounce that any local user can write into the log, about somebody else's address."""
        victim = self.address("victim")
        host = "mx.a.example[198.51.100.10]"
        line = (
            f"7F00D1A2B3: to=<{victim}>, relay={host}:25, delay=1, delays=0.1/0/0.5/0.4, dsn=5.1.1,"
            f" status=bounced (host {host} said: 550 5.1.1 <{victim}>: Recipient address rejected:"
            " User unknown in virtual mailbox table (in reply to RCPT TO command))"
        )
        run = ("systemd-run", "--quiet", "--wait", "--collect", "--uid=visitor")
        self.box.run(*run, "logger", "-p", "mail.info", "-t", "postfix/smtp", "-i", line)
        self.learn()  # What comes after it in the log is learned, so it was read.
        return victim

    def test_in_the_journal_an_unprivileged_line_does_not_suppress_anybody(self):
        self.configure(**JOURNAL)
        self.assertNotIn(self.forge(), self.service.suppressed())

    def test_where_the_daemon_chooses_the_log_an_unprivileged_line_does_not_suppress_anybody(self):
        self.never_followed()
        self.assertNotIn(self.forge(), self.service.suppressed())

    def test_a_log_file_is_believed_whoever_wrote_to_it(self):
        self.configure(**FILE)
        self.assertIn(self.forge(), self.service.suppressed(), "it is as trustworthy as those who can log")


class Status(LogTest):
    def test_the_status_line_is_not_about_one_half_only(self):
        for settings, log in ((FILE, MAIL_LOG), (JOURNAL, "journal")):
            self.configure(**settings)
            self.assertRegex(self.service.status(), r"(?i)look-?ups")
            self.assertRegex(self.service.status(), r"(?i)learn")
            self.assertIn(log, self.service.status())
            self.assertRegex(self.service.said(self.begun), rf"serves on .*{log}")


if __name__ == "__main__":
    unittest.main()
