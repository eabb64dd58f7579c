"""Entries for the mail of one sender domain, and addresses that their owner has confirmed, with a real Postfix."""

import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.tools import wait_until


class Scope(MtaTest):
    def test_only_mail_of_that_sender_domain_is_refused(self):
        daemon, mta = self.pair()
        domain = SENDER.partition("@")[2]
        daemon.ctl("add", "--kind", "unsubscribe", "--scope", domain, "reader@d.example")

        def code(sender):
            return send(mta.port, "reader@d.example", sender=sender).code("reader@d.example")

        self.assertEqual(code(SENDER), 550)
        self.assertEqual(code(f"bounce@news.{domain}"), 550)
        self.assertEqual(code("shop@other.example"), 250)
        self.assertEqual(code(""), 250)
        mta.wait_empty()
        self.assertEqual(len(self.remote.messages("reader@d.example")), 2)
        daemon.ctl("lift", "--scope", domain, "reader@d.example")
        self.assertEqual(code(SENDER), 250)

    def test_a_dead_address_that_was_confirmed_gets_one_message_and_is_permanent_again(self):
        daemon, mta = self.pair()
        dead = "dead@b.example"
        send(mta.port, dead)
        daemon.wait_suppressed(dead, "hard")
        self.assertEqual(send(mta.port, dead).code(dead), 550)
        daemon.ctl("lift", "--reconfirmed", "--note", "by link", dead)
        act = time.time()
        wait_until(lambda: int(time.time()) > int(act), "the next second: what fails within that of an act comes before it")
        self.assertEqual(send(mta.port, dead).code(dead), 250)
        daemon.wait_suppressed(dead, "hard")
        self.assertEqual(daemon.query("SELECT until FROM suppression"), [(None,)])
        self.assertEqual(send(mta.port, dead).code(dead), 550)
        acts = "SELECT act FROM audit WHERE address = ? ORDER BY id"
        wait_until(lambda: len(daemon.query(acts, dead)) == 3, "the audit")
        self.assertEqual([act for (act,) in daemon.query(acts, dead)], ["suppressed", "reconfirmed", "suppressed"])


if __name__ == "__main__":
    unittest.main()
