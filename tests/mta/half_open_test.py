"""Entries past their time with a real Postfix: one message tests the address, whatever happens to it."""

import smtplib
import sqlite3
import threading
import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send, text_of
from harness.remote import ACCEPTED
from harness.sendmail import Sendmail
from harness.tools import wait_until

FULL = "552 5.2.2 The email account that you tried to reach is over quota"
LATER = "452 4.2.2 The email account that you tried to reach is over quota, please try again later"
BLOCKED = "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"
READER = "reader@b.example"
HALF_OPEN = r"^550 5\.7\.1 (<\S+>\.\.\. )?recipient suppressed: mailbox-full since \d{4}-\d\d-\d\d, ref \w+ \(half open since "


class HalfOpen(MtaTest):
    def setUp(self):
        super().setUp()
        self.daemon, self.mta = self.pair(
            {"message_size_limit": "8000"},
            soft__threshold=1,
            soft__min_interval="0s",
            soft__suppress_for=["2s", "1h", "forever"],
            milter__bypass_senders=["reset@sender.example"],
        )
        self.remote.answer(READER, FULL)
        send(self.mta.port, READER)
        self.daemon.wait_suppressed(READER, "soft")
        self.mta.wait_empty()
        wait_until(lambda: self.half_open() == [(READER, None)], lambda: f"{READER} to be half open; it is {self.half_open()}")
        self.remote.answer(READER, LATER)

    def half_open(self):
        return self.daemon.query("SELECT address, probe FROM v_half_open")

    def probe(self):
        """The queue id of the message that tests the address; None: there is none."""
        return next(iter(self.daemon.query("SELECT queue_id FROM probe")), (None,))[0]

    def settled(self):
        wait_until(lambda: self.probe() is None, "the probe to be settled")
        self.daemon.settle()

    def send_many(self, count):
        """That many messages at the same moment; the answers to their RCPT."""
        answers, together = [], threading.Barrier(count)

        def message():
            with smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.sender.example", timeout=60) as client:
                client.ehlo()
                client.mail(SENDER)
                together.wait()
                code, reply = client.rcpt(READER)
                answers.append(f"{code} {reply.decode()}")
                if code == 250:
                    client.data(text_of(SENDER, [READER]).replace("\n", "\r\n").encode())

        threads = [threading.Thread(target=message) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def one_passes(self, count=5):
        answers = self.send_many(count)
        refused = [answer for answer in answers if not answer.startswith("250")]
        self.assertEqual(len(refused), count - 1, answers)
        for answer in refused:
            self.assertRegex(answer, HALF_OPEN)

    def none_passes(self):
        self.assertRegex(send(self.mta.port, READER).recipients[READER], HALF_OPEN)

    def open_session(self):
        """A session that has the claim, as soon as the milter has taken the end of the one before."""
        return wait_until(self.try_to_open_session, "the claim to be free")

    def try_to_open_session(self):
        client = smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.sender.example", timeout=60)
        self.addCleanup(client.close)
        client.ehlo()
        client.mail(SENDER)
        return client if client.rcpt(READER)[0] == 250 else client.close()

    @staticmethod
    def go_on(client):
        """Postfix tells a milter of a message's abort together with the next command that it must answer."""
        client.mail(SENDER)
        client.rcpt("good@c.example")

    def test_of_fifty_messages_at_once_exactly_one_goes_out_and_its_delivery_lifts_the_entry(self):
        self.one_passes(50)
        wait_until(self.probe, "the probe to be recorded")
        self.assertEqual(len(self.mta.queue_ids()), 1)
        self.assertEqual(self.half_open(), [(READER, self.mta.queue_ids()[0])])
        self.none_passes()
        self.assertEqual(self.daemon.ctl("check", READER, check=False).returncode, 1)
        self.remote.answer(READER, ACCEPTED)
        self.mta.drain(40)
        self.settled()
        self.assertEqual(len(self.remote.messages(READER)), 1)
        self.assertEqual((self.half_open(), self.daemon.suppressed()), ([], {}))
        self.assertEqual(self.daemon.ctl("check", READER).returncode, 0)
        self.assertEqual({answer[:3] for answer in self.send_many(5)}, {"250"})

    def test_a_failure_takes_the_next_step_of_the_ladder(self):
        self.remote.answer(READER, FULL)
        self.one_passes()
        self.daemon.wait_suppressed(READER, "soft")
        self.assertEqual(self.daemon.query("SELECT until - since FROM suppression"), [(3600,)])
        self.settled()
        self.assertEqual(self.half_open(), [])
        self.assertRegex(send(self.mta.port, READER).recipients[READER], r"^550 5\.7\.1 .*, ref \w+ \(until \d{4}-\d\d-\d\d\)$")

    def test_after_a_failure_that_blames_us_the_next_message_is_the_probe(self):
        for failed in (2, 3):
            self.remote.answer(READER, BLOCKED)
            self.one_passes()
            wait_until(lambda count=failed: len(self.daemon.failures(READER)) == count, "the failure to be learned")
            self.settled()
            self.assertEqual(self.half_open(), [(READER, None)])
        self.assertEqual(len(self.remote.attempts(READER)), 3)

    def test_a_message_that_is_deleted_from_the_queue_frees_it(self):
        self.one_passes()
        wait_until(self.probe, "the probe to be recorded")
        self.none_passes()
        self.mta.postsuper("-d", self.probe())
        self.settled()
        self.one_passes()

    def test_rset_a_lost_connection_and_a_refusal_of_the_message_free_it(self):
        client = self.open_session()
        self.none_passes()
        client.rset()
        self.go_on(client)
        client = self.open_session()
        self.none_passes()
        client.sock.close()  # without QUIT
        client.file.close()
        self.open_session().quit()
        client = self.open_session()
        self.assertEqual(client.data(b"Subject: large\r\n\r\n" + b"a line of text\r\n" * 1000)[0], 552)
        self.go_on(client)
        self.assertIsNone(self.probe())
        client = self.open_session()
        client.data(text_of(SENDER, [READER]).replace("\n", "\r\n").encode())
        wait_until(self.probe, "the probe to be recorded")
        self.none_passes()

    def test_bypassed_mail_takes_no_claim_and_other_recipients_are_not_touched(self):
        self.assertEqual(send(self.mta.port, READER, sender="reset@sender.example").code(READER), 250)
        self.assertIsNone(self.probe())
        submission = send(self.mta.port, READER, "good@c.example")
        self.assertEqual((submission.code(READER), submission.code("good@c.example")), (250, 250))
        submission = send(self.mta.port, READER, "good@c.example")
        self.assertEqual((submission.code(READER), submission.code("good@c.example")), (550, 250))
        self.assertEqual(submission.data[:3], "250")

    def test_a_message_of_the_sendmail_command_is_a_probe_too(self):
        self.mta.sendmail(READER)
        wait_until(self.probe, "the probe to be recorded")
        self.none_passes()
        self.mta.sendmail(READER, "good@c.example")
        wait_until(lambda: self.remote.messages("good@c.example"), "the other recipient's mail")
        self.assertEqual(len(self.mta.queue_ids()), 1)

    def test_while_the_database_is_locked_the_claim_is_not_lost(self):
        other = sqlite3.connect(self.daemon.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        self.one_passes()
        self.none_passes()
        self.assertIsNone(self.probe())
        other.execute("ROLLBACK")
        other.close()
        wait_until(self.probe, "the probe to be recorded")
        self.none_passes()

    def test_a_killed_daemon_remembers_a_probe_that_is_in_the_queue(self):
        self.one_passes()
        wait_until(self.probe, "the probe to be recorded")
        self.daemon.kill()
        self.daemon.start()
        self.none_passes()
        self.remote.answer(READER, ACCEPTED)
        self.mta.drain(40)
        self.settled()
        self.assertEqual((self.half_open(), len(self.remote.messages(READER))), ([], 1))

    def test_a_kill_frees_a_claim_and_lets_one_more_probe_out_at_most(self):
        for moment in range(4):
            client = self.open_session()
            if moment % 2:
                client.data(text_of(SENDER, [READER]).replace("\n", "\r\n").encode())
            self.daemon.kill()
            self.daemon.start()
            passed = sum(answer.startswith("250") for answer in self.send_many(20))
            self.assertLessEqual(passed, 1)
            if moment % 2 == 0:
                self.assertEqual(passed, 1)
            client.close()
            self.assertLessEqual(len(self.mta.queue_ids()), 2)
            wait_until(self.probe, "the probe to be recorded")
            for queue_id in self.mta.queue_ids():
                self.mta.postsuper("-d", queue_id)
            self.settled()
            time.sleep(0.2)


class WithSendmail(MtaTest):
    def test_one_message_goes_out_and_what_becomes_of_it_settles_the_entry(self):
        mta = Sendmail(self.workspace, self.remote, f"unix:{self.workspace.path}/suppressd/suppressd.sock", "1h")
        self.addCleanup(mta.stop)
        self._shown.append(("log of sendmail", mta.log_text))
        daemon = self.suppressd(mta.log, soft__threshold=1, soft__min_interval="0s", soft__suppress_for=["2s", "3s", "forever"]).start()
        mta.start()
        half_open = "SELECT address, probe IS NULL FROM v_half_open"

        def becomes_half_open():
            wait_until(lambda: daemon.query(half_open) == [(READER, 1)], "the entry to run out")

        self.remote.answer(READER, FULL)
        send(mta.port, READER)
        daemon.wait_suppressed(READER, "soft")
        becomes_half_open()
        self.remote.answer(READER, LATER)
        self.assertEqual(send(mta.port, READER).code(READER), 250)
        self.assertRegex(send(mta.port, READER).recipients[READER], HALF_OPEN)
        self.remote.answer(READER, FULL)
        wait_until(lambda: daemon.query("SELECT until - since FROM suppression") == [(3,)], "the next step")
        becomes_half_open()
        self.remote.answer(READER, ACCEPTED)
        self.assertEqual(send(mta.port, READER).code(READER), 250)
        wait_until(lambda: daemon.query("SELECT count(*) FROM suppression") == [(0,)], "the delivery")
        self.assertEqual(daemon.query("SELECT count(*) FROM probe"), [(0,)])
        self.assertEqual([send(mta.port, READER).code(READER) for _ in range(3)], [250] * 3)


if __name__ == "__main__":
    unittest.main()
