"""A real Sendmail: the milter's answers and the log's dialect."""

import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.sendmail import Sendmail
from harness.tools import wait_until

FATES = ("good@a.example", "dead@b.example", "full@c.example", "listed@d.example", "policy@e.example", "hostile@f.example")


class RealSendmail(MtaTest):
    def start(self, lifetime="1h", **settings):
        mta = Sendmail(self.workspace, self.remote, f"unix:{self.workspace.path}/suppressd/suppressd.sock", lifetime)
        self._shown.append(("log of sendmail", mta.log_text))
        daemon = self.suppressd(mta.log, **settings).start()
        self.addCleanup(mta.stop)
        return daemon, mta.start()

    def test_six_recipients_get_six_fates_and_only_the_dead_one_is_suppressed(self):
        daemon, mta = self.start()
        daemon.execute("INSERT INTO suppression(address) VALUES ('listed@d.example')")
        first = send(mta.port, *FATES)
        self.assertRegex(first.recipients["listed@d.example"], r"^550 5\.7\.1 .*recipient suppressed: manual since \S+, ref \S+$")
        mta.wait_empty()
        wait_until(lambda: self.remote.messages(SENDER), "the bounce")
        daemon.settle()
        self.assertIn("dsn=5.7.1, reply=550 5.7.1", mta.log_text())
        self.assertRegex(mta.log_text(), r"to=<hostile@f\.example>.*dsn=5\.7\.1.*stat=User unknown")
        self.assertEqual(daemon.suppressed(), {"dead@b.example": "hard", "listed@d.example": "manual"})
        self.assertEqual(daemon.streaks(), {"full@c.example": 1})
        self.assertEqual(
            sorted(row[:3] for row in daemon.failures() if row[0] != "hostile@f.example"),
            [
                ("dead@b.example", "bad-mailbox", "hard"),
                ("full@c.example", "mailbox-full", "soft"),
                ("policy@e.example", "blocked", "none"),
            ],
        )
        self.assertEqual(len(self.remote.messages("good@a.example")), 1)
        self.assertEqual(daemon.failures("listed@d.example"), [])
        self.assertEqual(daemon.failures("victim@remote.example"), [])

        second = send(mta.port, *FATES)
        self.assertRegex(second.recipients["dead@b.example"], r"^550 5\.1\.1 .*recipient suppressed: bad-mailbox since \S+, ref \S+$")
        self.assertEqual([to for to in FATES if second.code(to) == 550], ["dead@b.example", "listed@d.example"])
        daemon.stop()
        self.assertEqual({row[0] for row in daemon.query("SELECT queue_id <> '' FROM refusal")}, {1})

    def test_an_expired_message_fails_its_deferred_recipients_once(self):
        daemon, mta = self.start(lifetime="4s", soft__min_interval="0s")
        send(mta.port, "later@c.example", "good@a.example")
        mta.wait_empty(90)
        time.sleep(0.5)
        daemon.settle()
        self.assertRegex(mta.log_text(), r"DSN: Cannot send message for")
        self.assertEqual(daemon.failures(), [("later@c.example", "mailbox-full", "soft", "expired")])
        self.assertEqual(daemon.streaks(), {"later@c.example": 1})

    def test_nothing_is_learned_about_a_dead_sender_from_a_bounce_to_it(self):
        daemon, mta = self.start()
        send(mta.port, "dead@b.example", sender="dead.sender@sender.example")
        # Sendmail keeps the bounce of the bounce for its postmaster, who has no mailbox here.
        wait_until(lambda: "return to sender: User unknown" in mta.log_text(), "the bounce of the bounce")
        daemon.settle()
        self.assertEqual(daemon.suppressed(), {"dead@b.example": "hard"})


if __name__ == "__main__":
    unittest.main()
