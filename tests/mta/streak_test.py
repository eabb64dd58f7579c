"""Soft failures with a real Postfix: sends in a row, deliveries between, and what counts for nothing."""

import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.remote import ACCEPTED
from harness.tools import wait_until

FULL = "552 5.2.2 The email account that you tried to reach is over quota"


class Streak(MtaTest):
    def send_again(self, daemon, mta, recipient):
        """One more send, a second after the one before, for times in the log are whole seconds."""
        time.sleep(1.1)
        send(mta.port, recipient)
        mta.wait_empty()
        daemon.settle()

    def test_three_failed_sends_in_a_row_suppress_for_thirty_days(self):
        daemon, mta = self.pair(soft__min_interval="0s")
        for expected in (1, 2):
            self.send_again(daemon, mta, "full@c.example")
            self.assertEqual(daemon.streaks(), {"full@c.example": expected})
            self.assertEqual(daemon.suppressed(), {})
        self.send_again(daemon, mta, "full@c.example")
        self.assertEqual(daemon.suppressed(), {"full@c.example": "soft"})
        self.assertEqual(daemon.query("SELECT until - since FROM suppression"), [(30 * 86400,)])
        self.assertRegex(
            send(mta.port, "full@c.example").recipients["full@c.example"], r"^550 5\.7\.1 recipient suppressed: mailbox-full since "
        )

    def test_a_delivery_between_begins_the_count_anew(self):
        daemon, mta = self.pair(soft__min_interval="0s")
        self.remote.answer("anna@c.example", FULL, FULL, ACCEPTED, FULL, FULL)
        for expected in (1, 2, 0, 1, 2):
            self.send_again(daemon, mta, "anna@c.example")
            self.assertEqual(daemon.streaks().get("anna@c.example", 0), expected)
        self.assertEqual(daemon.suppressed(), {})

    def test_three_failures_within_the_interval_are_one(self):
        daemon, mta = self.pair()
        for _ in range(3):
            self.send_again(daemon, mta, "full@c.example")
        self.assertEqual(daemon.streaks(), {"full@c.example": 1})

    def test_many_deferrals_of_one_message_are_no_failed_send_until_it_expires(self):
        daemon, mta = self.pair({"maximal_queue_lifetime": "16s"}, soft__min_interval="0s")
        send(mta.port, "later@c.example")
        wait_until(lambda: len(mta.log_lines("to=<later@c.example>.*status=deferred")) >= 4, "four deferrals")
        daemon.settle()
        self.assertEqual(daemon.failures(), [])
        mta.wait_empty(60)
        daemon.settle()
        self.assertEqual(daemon.failures(), [("later@c.example", "mailbox-full", "soft", "expired")])
        self.assertEqual(daemon.streaks(), {"later@c.example": 1})
        self.assertEqual(daemon.query("SELECT count(*) FROM message"), [(0,)])

    def test_a_deferral_that_is_delivered_at_last_is_a_delivery(self):
        daemon, mta = self.pair()
        self.remote.answer("greylist@c.example", "450 4.2.0 Greylisted", ACCEPTED)
        send(mta.port, "greylist@c.example")
        mta.wait_empty()
        daemon.settle()
        self.assertEqual(daemon.failures(), [])
        self.assertEqual(daemon.streaks(), {})


class OperatorsHand(MtaTest):
    def deferred(self):
        daemon, mta = self.pair(soft__min_interval="0s")
        send(mta.port, "later@c.example")
        wait_until(lambda: mta.log_lines("status=deferred"), "the first deferral")
        return daemon, mta, mta.queue_ids()[0]

    def test_a_deleted_message_teaches_nothing(self):
        daemon, mta, queue_id = self.deferred()
        wait_until(lambda: "still queued" in daemon.ctl("show", "later@c.example").stdout, "the deferred message in show")
        mta.postsuper("-d", queue_id)
        mta.wait_empty()
        send(mta.port, "dead@b.example")  # Something that is learned behind it.
        daemon.wait_suppressed("dead@b.example")
        daemon.settle()
        self.assertEqual(daemon.failures("later@c.example"), [])
        self.assertEqual(daemon.streaks(), {})
        self.assertNotIn("queued", daemon.ctl("show", "later@c.example").stdout)

    def test_a_force_expired_message_teaches_nothing(self):
        daemon, mta, queue_id = self.deferred()
        mta.postsuper("-f", queue_id)
        wait_until(lambda: mta.log_lines("status=force-expired"), "the forced expiry")
        mta.wait_empty()
        daemon.settle()
        self.assertEqual([notice.sender for notice in self.remote.messages(SENDER)], [""])
        self.assertEqual(daemon.failures(), [])
        self.assertEqual(daemon.streaks(), {})


class SmartHost(MtaTest):
    def test_what_a_relay_of_ours_accepts_resets_no_streak(self):
        daemon, mta = self.pair(soft__min_interval="0s", mta__relays=[self.remote.address])
        self.remote.answer("anna@c.example", FULL, FULL, ACCEPTED, FULL)
        for expected in (1, 2, 2):
            time.sleep(1.1)
            send(mta.port, "anna@c.example")
            mta.wait_empty()
            daemon.settle()
            self.assertEqual(daemon.streaks(), {"anna@c.example": expected})
        time.sleep(1.1)
        send(mta.port, "anna@c.example")
        daemon.wait_suppressed("anna@c.example", "soft")
        self.assertEqual(daemon.query("SELECT last_delivery FROM recipient"), [(None,)])

    def test_a_hand_over_to_a_local_filter_is_no_delivery(self):
        daemon, mta = self.pair(soft__min_interval="0s", mta__local_relays=[self.remote.address])
        self.remote.answer("anna@c.example", FULL, ACCEPTED)
        for _ in range(2):
            send(mta.port, "anna@c.example")
            mta.wait_empty()
        daemon.settle()
        self.assertEqual(daemon.failures(), [])
        self.assertEqual(daemon.query("SELECT count(*) FROM recipient WHERE last_delivery IS NOT NULL"), [(0,)])


if __name__ == "__main__":
    unittest.main()
