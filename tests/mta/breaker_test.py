"""Breakers with a real Postfix: bad mail is paused, tested with some messages, and let go; other mail never notices."""

import json
import os
import signal
import smtplib
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.remote import ACCEPTED
from harness.tools import run, wait_until

READERS = [f"reader{n}@b.example" for n in range(100)]
DEAD = [f"dead{n}@b.example" for n in range(20)]
LATER = "451 4.3.2 try again later"


def message(campaign=None):
    return f"From: {SENDER}\n" + (f"X-Campaign: {campaign}\n" if campaign else "") + "Subject: x\n\nHello.\n"


class Breaker(MtaTest):
    def state(self):
        return [row[0] for row in self.daemon.query("SELECT state FROM v_breaker")]

    def wait_state(self, *expected):
        wait_until(
            lambda: self.state() == list(expected),
            lambda: f"breakers {expected}; they are {self.daemon.query('SELECT * FROM v_breaker')}",
        )

    def refused(self, *recipients, sender=SENDER):
        with self.assertRaises(RuntimeError) as refusal:
            send(self.mta.port, *(recipients or READERS[:1]), sender=sender)
        return str(refusal.exception)

    def held(self):
        """Queue ids that are in the hold queue, and how many messages are in the maildrop."""
        listed = map(json.loads, run("postqueue", "-c", self.mta.config, "-j").stdout.splitlines())
        return [entry["queue_id"] for entry in listed if entry["queue_name"] == "hold"], len(os.listdir(f"{self.mta.queue}/maildrop"))

    def wait_held(self, count):
        wait_until(lambda: (len(self.held()[0]), self.held()[1]) == (count, 0), lambda: f"{count} held messages; there are {self.held()}")
        return self.held()[0]

    def test_a_bad_sender_domain_is_paused_tested_and_goes_on(self):
        self.daemon, self.mta = self.pair(
            breaker__dimensions=["sender-domain"], breaker__test_messages=10, milter__bypass_senders=["reset@sender.example"]
        )
        for dead in DEAD:
            self.remote.answer(dead, "550 5.1.1 <{to}>: user unknown")
        send(self.mta.port, *READERS)
        self.mta.wait_empty()
        self.daemon.settle()
        send(self.mta.port, *DEAD)
        self.wait_state("paused")
        self.assertIn("breaker: sender-domain sender.example is paused until ", self.daemon.said())
        self.assertRegex(
            self.refused(), r"451 4\.7\.1 sender-domain sender\.example is paused until \S+Z: hard failures \d+\.\d % \(\d+ of \d+\) in 1d$"
        )
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.state(), ["paused"])
        self.assertIn("451 4.7.1", self.refused())
        for sender in ("reset@sender.example", "", "news@other.example"):
            self.assertIn("250", send(self.mta.port, READERS[0], sender=sender).data)
        self.mta.sendmail(READERS[1])
        (held,) = self.wait_held(1)
        self.assertEqual(len(self.mta.log_lines(f"{held}: milter-hold: END-OF-MESSAGE")), 1, self.mta.log_lines(held))
        self.assertIn(f"message {held} is held: sender-domain sender.example is paused until", self.daemon.said())

        self.daemon.execute("UPDATE breaker SET until = unixepoch()")
        self.wait_state("testing")
        for reader in READERS[:2]:
            self.remote.answer(reader, LATER)
        for reader in READERS[:10]:
            self.assertIn("250", send(self.mta.port, reader).data)
        wait_until(lambda: self.daemon.query("SELECT test_messages, test_ended FROM v_breaker") == [(10, 8)], "8 of 10 to end")
        self.assertIn("is paused but for test messages", self.refused())
        for reader in READERS[:2]:
            self.remote.answer(reader, ACCEPTED)
        self.wait_state("closed")
        self.assertIn("breaker: sender-domain sender.example is no longer paused", self.daemon.said())
        self.assertIn("250", send(self.mta.port, READERS[0]).data)
        self.mta.postsuper("-H", held)
        self.mta.drain(40)

    def test_a_campaign_after_a_reload_with_open_sessions(self):
        self.daemon, self.mta = self.pair(tags__campaign="header:X-Campaign")
        sessions = [smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.sender.example", timeout=60) for _ in range(2)]
        for client in sessions:
            self.addCleanup(client.close)
            client.ehlo()
            self.assertEqual(client.mail(SENDER)[0], 250)
            self.assertEqual(client.rcpt(READERS[0])[0], 250)
            client.rset()
        self.daemon.configure(breaker__dimensions=["campaign", "sender-domain"])
        os.kill(self.daemon.pid, signal.SIGUSR1)
        wait_until(lambda: "the new configuration is in force" in self.daemon.said(), "the reload")
        for dimension, name in (("campaign", "spring"), ("sender-domain", "other.example")):
            self.daemon.execute(
                "INSERT INTO alert(dimension, name, what, level, opened, within, events, sends)"
                " VALUES (?, ?, 'hard', 'critical', unixepoch(), 86400, 12, 100)",
                dimension,
                name,
            )
        self.wait_state("paused", "paused")

        first, second = sessions
        self.assertEqual(first.mail(SENDER)[0], 250)
        self.assertEqual(first.rcpt(READERS[0])[0], 250)
        code, reply = first.data(message("spring").encode())
        self.assertRegex(f"{code} {reply.decode()}", r"^451 4\.7\.1 campaign spring is paused until ")
        self.assertEqual(second.mail("news@other.example")[0], 250)
        code, reply = second.rcpt(READERS[0])
        self.assertRegex(f"{code} {reply.decode()}", r"^451 4\.7\.1 .*sender-domain other\.example is paused until ")
        self.assertIn("sender-domain other.example is paused until", self.refused(sender="news@other.example"))

        self.assertIn("451 4.7.1 campaign spring", send(self.mta.port, READERS[0], message=message("spring")).data)
        for campaign in (None, "autumn"):
            self.assertIn("250", send(self.mta.port, READERS[0], message=message(campaign)).data)
        self.mta.sendmail(READERS[0], text=message("spring"))
        (held,) = self.wait_held(1)
        self.daemon.settle()
        wait_until(lambda: self.daemon.ctl("breaker", "queued", "spring", check=False).stdout == f"{held}\n", "the tag of what is held")
        listed = self.daemon.ctl("breaker", "list", check=False)
        self.assertEqual(listed.returncode, 1)
        self.assertIn("hard failures 12.0 % (12 of 100) in 1d", listed.stdout)
        self.daemon.ctl("breaker", "resume", "spring", "--note", "the list was cleaned")
        self.assertIn("250", send(self.mta.port, READERS[0], message=message("spring")).data)
        self.assertEqual(sorted(self.state()), ["paused", "resumed"])
        self.mta.postsuper("-H", held)
        self.mta.drain(40)

    def test_a_sender_domain_that_is_new_at_a_provider_warms_up(self):
        self.daemon, self.mta = self.pair(warm_up__start=2, milter__bypass_senders=["reset@sender.example"])
        sent = send(self.mta.port, *READERS[:4])
        self.assertEqual([sent.code(reader) for reader in READERS[:4]], [250, 250, 451, 451])
        self.assertIn("4.7.1", sent.recipients[READERS[2]])
        self.assertIn("sender-domain sender.example is new at b.example: 2 recipients today are the limit", sent.recipients[READERS[2]])
        self.assertIn("250", sent.data)
        self.assertEqual(send(self.mta.port, "reader@other.example").code("reader@other.example"), 250)
        for sender in ("reset@sender.example", "", "news@old.example"):
            self.assertEqual(send(self.mta.port, READERS[0], sender=sender).code(READERS[0]), 250)
        self.mta.sendmail(READERS[0])
        (held,) = self.wait_held(1)
        self.daemon.settle()
        self.daemon.execute(
            "INSERT INTO rate SELECT dimension, name, start - 86400, 900, 900, 0, 0, 0, 0, 0, 0, 0, 0 FROM rate"
            " WHERE name = 'sender.example/b.example'"
        )
        self.mta.postsuper("-H", held)
        self.mta.drain(40)
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(send(self.mta.port, READERS[0]).code(READERS[0]), 250, "it has a history")


if __name__ == "__main__":
    unittest.main()
