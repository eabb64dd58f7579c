"""Failures with a real Postfix: sends in a row, deliveries between and after, bursts, and what does not count."""

import os
import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.remote import ACCEPTED
from harness.tools import wait_until

DEAD = "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table"
FULL = "552 5.2.2 The email account that you tried to reach is over quota"


class Streak(MtaTest):
    def send_again(self, daemon, mta, recipient):
        """One more send, a second after the one before, because times in the log are whole seconds."""
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

    def test_a_delivery_between_restarts_the_count(self):
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


class HardFailures(MtaTest):
    def test_a_delivery_after_it_suspends_the_entry_and_the_next_one_makes_it_again(self):
        daemon, mta = self.pair(milter__bypass_senders=["reset@sender.example"])
        self.remote.answer("back@c.example", DEAD, ACCEPTED, ACCEPTED, DEAD)
        entry = "SELECT state, category, since FROM suppression"
        send(mta.port, "back@c.example")
        daemon.wait_suppressed("back@c.example", "hard")
        [(_, category, since)] = daemon.query(entry)
        time.sleep(1.1)
        send(mta.port, "back@c.example", sender="reset@sender.example")
        mta.wait_empty()
        daemon.settle()
        self.assertEqual(daemon.query(entry), [("suspended", category, since)])
        self.assertEqual(daemon.suppressed(), {})
        self.assertEqual(daemon.query("SELECT risk FROM v_at_risk"), [("delivered since",)])
        self.assertEqual(send(mta.port, "back@c.example").code("back@c.example"), 250)
        time.sleep(1.1)
        send(mta.port, "back@c.example")
        daemon.wait_suppressed("back@c.example", "hard")
        [(state, _, again)] = daemon.query(entry)
        self.assertEqual(state, "active")
        self.assertGreater(again, since)
        self.assertEqual(
            [act for (act,) in daemon.query("SELECT act FROM audit WHERE address = 'back@c.example' ORDER BY id")],
            ["suppressed", "suspended", "suppressed"],
        )

    def test_in_a_burst_those_before_the_limit_are_pending_too(self):
        daemon, mta = self.pair(hard__burst=3)
        dead = [f"dead.{number}@b.example" for number in range(4)]
        send(mta.port, *dead[:3])
        for address in dead[:3]:
            daemon.wait_suppressed(address, "hard")
        send(mta.port, dead[3])
        wait_until(lambda: daemon.suppressed() == {}, "all of them to be pending")
        self.assertEqual(daemon.query("SELECT DISTINCT state, kind FROM suppression"), [("pending", "hard")])
        self.assertEqual(sorted(row[0] for row in daemon.query("SELECT address FROM v_at_risk WHERE risk = 'pending'")), dead)
        for address in dead:
            self.assertEqual(daemon.ctl("check", address).returncode, 0)
        daemon.ctl("confirm", *dead)
        self.assertEqual(daemon.suppressed(), dict.fromkeys(dead, "hard"))
        self.assertEqual(send(mta.port, dead[0]).code(dead[0]), 550)

    def test_a_replay_after_the_delivery_does_not_suppress(self):
        daemon, mta = self.pair(milter__bypass_senders=["reset@sender.example"])
        self.remote.answer("back@c.example", DEAD, ACCEPTED)
        send(mta.port, "back@c.example")
        mta.wait_empty()
        mta.rotate()
        time.sleep(1.1)
        send(mta.port, "back@c.example", sender="reset@sender.example")
        mta.wait_empty()
        daemon.settle()
        other = self.suppressd(name="other")
        old = f"{mta.log}.1"
        for log in (mta.log, old):  # the old one last
            os.chmod(log, 0o644)
            other.ctl("replay", log)
        self.assertEqual(other.suppressed(), {})
        self.assertEqual(other.query("SELECT state FROM suppression"), [("suspended",)])
        self.assertEqual(other.ctl("dump", "--list").stdout, daemon.ctl("dump", "--list").stdout)


class OperatorsHand(MtaTest):
    def deferred(self):
        daemon, mta = self.pair(soft__min_interval="0s")
        send(mta.port, "later@c.example")
        wait_until(lambda: mta.log_lines("status=deferred"), "the first deferral")
        return daemon, mta, mta.queue_ids()[0]

    def test_a_deleted_message_is_ignored(self):
        daemon, mta, queue_id = self.deferred()
        wait_until(lambda: "still queued" in daemon.ctl("show", "later@c.example").stdout, "the deferred message in show")
        mta.postsuper("-d", queue_id)
        mta.wait_empty()
        send(mta.port, "dead@b.example")  # Something that is learned after it.
        daemon.wait_suppressed("dead@b.example")
        daemon.settle()
        self.assertEqual(daemon.failures("later@c.example"), [])
        self.assertEqual(daemon.streaks(), {})
        self.assertNotIn("queued", daemon.ctl("show", "later@c.example").stdout)

    def test_a_force_expired_message_is_ignored(self):
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
