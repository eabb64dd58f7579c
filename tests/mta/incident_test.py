"""A provider that calls living mailboxes dead, on a real Postfix."""

import time

from harness.case import MtaTest
from harness.mail import send
from harness.remote import ACCEPTED

LIVING = [f"reader{n}@b.example" for n in range(6)]
FALSE = "550 5.1.1 <{to}>: user lookup success but no user record found"


class Incident(MtaTest):
    def mail(self, daemon, mta, *recipients):
        time.sleep(1.1)  # A delivery of the same second tells nothing of what came first.
        codes = send(mta.port, *recipients)
        self.assertEqual({codes.code(to) for to in recipients}, {250}, "nobody is refused")
        mta.wait_empty()
        daemon.settle()

    def test_no_reader_is_lost_in_an_outage_and_who_is_dead_is_found_after_it(self):
        daemon, mta = self.pair()
        self.mail(daemon, mta, *LIVING)
        for reader in LIVING[:5]:
            self.remote.answer(reader, FALSE, ACCEPTED)
        self.mail(daemon, mta, *LIVING, "dead@b.example")
        self.assertEqual(daemon.suppressed(), {})
        pending = {address for (address,) in daemon.query("SELECT address FROM suppression WHERE state = 'pending'")}
        self.assertEqual(pending, {*LIVING[:5], "dead@b.example"})
        ((domain, failed, closed),) = daemon.query("SELECT domain, failed, closed FROM incident")
        self.assertEqual((domain, failed, closed), ("b.example", 5, None))
        self.assertIn("incident 1 at ", daemon.said())

        daemon.stop()
        daemon.start()
        self.mail(daemon, mta, *LIVING)  # It is over.
        self.assertEqual(daemon.suppressed(), {})
        pending = {address for (address,) in daemon.query("SELECT address FROM suppression WHERE state = 'pending'")}
        self.assertEqual(pending, {"dead@b.example"})

    def test_elsewhere_the_dead_are_suppressed_at_once(self):
        daemon, mta = self.pair()
        self.mail(daemon, mta, *LIVING)
        for reader in LIVING[:5]:
            self.remote.answer(reader, FALSE)
        self.mail(daemon, mta, *LIVING, "dead@c.example")
        self.assertEqual(set(daemon.suppressed()), {"dead@c.example"})
