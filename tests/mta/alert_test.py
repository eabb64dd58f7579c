"""A bad list, on a real Postfix: the log and monitoring say so, and the MTA takes the mail about it."""

from harness.case import MtaTest
from harness.mail import send
from harness.tools import wait_until

READERS = [f"reader{n}@b.example" for n in range(110)]
DEAD = [f"dead{n}@b.example" for n in range(20)]


class Alert(MtaTest):
    def test_a_bad_list_is_logged_once_and_monitoring_sees_it(self):
        daemon, mta = self.pair()
        for dead in DEAD:
            self.remote.answer(dead, "550 5.1.1 <{to}>: user unknown")
        send(mta.port, *READERS[:50])
        send(mta.port, *READERS[50:], *DEAD)
        mta.wait_empty()
        daemon.settle()
        words = "critical: hard failures of sender-domain "
        wait_until(lambda: words in daemon.said(), "the alert in the log")
        send(mta.port, READERS[0])
        mta.wait_empty()
        daemon.settle()
        self.assertEqual(daemon.said().count(words), 1)
        ((sent, delivered, dead),) = daemon.query(
            "SELECT sum(sent), sum(delivered), sum(dead) FROM rate WHERE dimension = 'sender-domain'"
        )
        self.assertEqual((sent, delivered, dead), (131, 111, 20))
        wait_until(lambda: daemon.query("SELECT 1 FROM meta WHERE name = 'rate.looked'"), "the daemon to look")
        check = daemon.ctl("report", "--check", check=False)
        self.assertEqual(check.returncode, 2, check.stdout + check.stderr)
        self.assertTrue(check.stdout.startswith("CRITICAL: hard failures of "), check.stdout)
