"""The journal as the only log, as on a stock Debian 12: what Postfix logs is handed to a real journal file."""

import unittest

from harness.case import MtaTest
from harness.journal import Journal
from harness.mail import send


class FromTheJournal(MtaTest):
    def setUp(self):
        super().setUp()
        self.journal = Journal(self.workspace)
        self.addCleanup(self.journal.close)
        self.mta = self.postfix(milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock")
        self.daemon = self.suppressd(source__journal=self.journal.folder).start()
        self.mta.start()

    def mail(self, *recipients):
        submission = send(self.mta.port, *recipients)
        self.mta.wait_empty()
        self.journal.feed(self.mta.log)
        return submission

    def test_a_bounce_in_the_journal_refuses_the_next_mail(self):
        self.mail("dead@a.example", "full@b.example", "good@c.example")
        self.daemon.wait_suppressed("dead@a.example", "hard")
        self.assertEqual(self.mail("dead@a.example", "good@c.example").code("dead@a.example"), 550)
        self.assertEqual(self.daemon.streaks(), {"full@b.example": 1})

    def test_lines_of_other_units_are_not_believed(self):
        self.mail("dead@a.example")
        self.daemon.wait_suppressed("dead@a.example")
        genuine = self.mta.log_lines("to=<dead@a.example>")[0].partition("]: ")[2]
        for unit in ("session-2.scope", "user@1000.service", "evil-postfix@-.service"):
            self.journal.add("postfix/qmgr", "FORGED1: from=<news@sender.example>, size=1, nrcpt=1 (queue active)", unit)
            self.journal.add("postfix/smtp", "FORGED1: " + genuine.partition(": ")[2].replace("dead@a.", "victim@a."), unit)
        self.mail("dead.2@a.example")
        self.daemon.wait_suppressed("dead.2@a.example")
        self.assertEqual(set(self.daemon.suppressed()), {"dead@a.example", "dead.2@a.example"})
        self.assertEqual(self.daemon.failures("victim@a.example"), [])

    def test_lines_logged_while_the_daemon_was_down_are_learned_once(self):
        self.mail("dead.1@a.example", "full.1@b.example")
        self.daemon.wait_suppressed("dead.1@a.example")
        for stop in (self.daemon.stop, self.daemon.kill):
            number = len(self.daemon.suppressed()) + 1
            stop()
            self.mail(f"dead.{number}@a.example", f"full.{number}@b.example")
            self.daemon.start()
            self.daemon.wait_suppressed(f"dead.{number}@a.example")
        self.mail("dead.last@a.example")
        self.daemon.wait_suppressed("dead.last@a.example")
        self.assertEqual(self.daemon.streaks(), {f"full.{number}@b.example": 1 for number in (1, 2, 3)})
        self.assertEqual(len(self.daemon.failures()), 7)

    def test_messages_that_journald_suppressed_are_no_silent_gap(self):
        self.mail("dead@a.example")
        self.daemon.wait_suppressed("dead@a.example")
        notice = {"_TRANSPORT": "driver", "MESSAGE_ID": "a596d6fe7bfa4994828e72309e95d61e"}
        self.journal.add("systemd-journald", "Suppressed 5 messages from cron.service", "systemd-journald.service", **notice)
        self.journal.add("systemd-journald", "Suppressed 1027 messages from postfix@-.service", "systemd-journald.service", **notice)
        self.mail("dead.2@a.example")
        self.daemon.wait_suppressed("dead.2@a.example")
        reasons = [reason for (reason,) in self.daemon.query("SELECT reason FROM gap")]
        self.assertEqual(len(reasons), 1, reasons)
        self.assertIn("Suppressed 1027 messages", reasons[0])
        self.assertIn("lines are lost: ", self.daemon.said())


class ChangeOfLog(MtaTest):
    """The same mail is logged to a file and to the journal, as on a host with rsyslog; which of them is followed changes."""

    def setUp(self):
        super().setUp()
        self.journal = Journal(self.workspace)
        self.addCleanup(self.journal.close)
        self.mta = self.postfix()
        self.daemon = self.suppressd(self.mta.log, source__start="end").start()
        self.mta.start()

    def mail(self, *recipients):
        send(self.mta.port, *recipients)
        self.mta.wait_empty()
        self.journal.feed(self.mta.log)

    def test_lines_between_two_logs_are_learned_and_lines_in_both_count_once(self):
        self.mail("dead.1@a.example", "full.1@b.example")
        self.daemon.settle()
        before = self.daemon.dump()
        self.daemon.stop()
        self.mail("dead.2@a.example", "full.2@b.example")
        self.daemon.configure(source__files=[], source__journal=self.journal.folder)
        self.daemon.start()
        self.daemon.wait_suppressed("dead.2@a.example")
        self.mail("dead.3@a.example")
        self.daemon.wait_suppressed("dead.3@a.example")
        self.assertIn("instead of", self.daemon.said())
        self.assertEqual(self.daemon.streaks(), {"full.1@b.example": 1, "full.2@b.example": 1})
        self.assertEqual(len(self.daemon.failures()), 5)
        self.assertIn("dead.1@a.example", before)
        self.daemon.stop()
        self.mail("dead.4@a.example")
        self.daemon.configure(source__files=[self.mta.log], source__journal="no")
        self.daemon.start()
        self.daemon.wait_suppressed("dead.4@a.example")
        self.assertEqual(self.daemon.streaks(), {"full.1@b.example": 1, "full.2@b.example": 1})
        self.assertEqual(len(self.daemon.failures()), 6)
        self.assertEqual(self.daemon.query("SELECT reason FROM gap"), [])


if __name__ == "__main__":
    unittest.main()
