"""Recipients with different outcomes, with a real Postfix, over SMTP and through the `sendmail` command."""

import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.tools import run

FATES = ("good@a.example", "dead@b.example", "full@c.example", "listed@d.example", "policy@e.example")


class OverSmtp(MtaTest):
    def test_five_recipients_get_five_fates_and_only_the_dead_one_is_suppressed(self):
        daemon, mta = self.pair()
        daemon.execute("INSERT INTO suppression(address) VALUES ('listed@d.example')")
        first = send(mta.port, *FATES)
        self.assertRegex(first.recipients["listed@d.example"], r"^550 5\.7\.1 recipient suppressed: manual since \S+, ref \S+$")
        self.assertEqual({first.code(to) for to in FATES if to != "listed@d.example"}, {250})
        mta.wait_empty()
        daemon.settle()

        self.assertEqual(daemon.suppressed(), {"dead@b.example": "hard", "listed@d.example": "manual"})
        self.assertEqual(daemon.streaks(), {"full@c.example": 1})
        self.assertEqual(
            sorted(daemon.failures()),
            [
                ("dead@b.example", "bad-mailbox", "hard", "bounced"),
                ("full@c.example", "mailbox-full", "soft", "bounced"),
                ("policy@e.example", "blocked", "none", "bounced"),
            ],
        )
        self.assertEqual(len(self.remote.messages("good@a.example")), 1)
        self.assertEqual(self.remote.attempts("listed@d.example"), [])
        self.assertEqual([notice.sender for notice in self.remote.messages(SENDER)], [""])

        second = send(mta.port, *FATES)
        self.assertRegex(second.recipients["dead@b.example"], r"^550 5\.1\.1 recipient suppressed: bad-mailbox since \S+, ref \S+$")
        self.assertEqual([to for to in FATES if second.code(to) == 550], ["dead@b.example", "listed@d.example"])
        mta.wait_empty()
        daemon.settle()
        self.assertEqual(len(self.remote.attempts("dead@b.example")), 1)
        self.assertEqual(len(self.remote.messages("good@a.example")), 2)
        self.assertEqual(len(daemon.failures("dead@b.example")), 1)
        self.assertEqual(daemon.failures("listed@d.example"), [])

    def test_each_refusal_is_recorded_with_who_when_and_from_whom(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "listed@d.example", "other@d.example", "--note", "asked for it")
        before = int(time.time())
        send(mta.port, "good@a.example", "listed@d.example", "other@d.example")
        mta.wait_empty()
        daemon.stop()  # What waits in the queue of notes is written at the latest now.
        rows = daemon.query("SELECT address, at, sender, client, kind, outcome, queue_id FROM refusal ORDER BY address")
        self.assertEqual(
            [(row[0], *row[2:6]) for row in rows],
            [
                ("listed@d.example", SENDER, "127.0.0.1", "manual", "refused"),
                ("other@d.example", SENDER, "127.0.0.1", "manual", "refused"),
            ],
        )
        for row in rows:
            self.assertTrue(before <= row[1] <= time.time() + 1, row)
        self.assertTrue(mta.log_lines(f"{rows[1][6]}: removed"), "the second recipient's note has no queue id that the log knows")

    def test_nothing_is_learned_about_a_dead_sender_from_a_bounce_to_it(self):
        daemon, mta = self.pair()
        send(mta.port, "dead@b.example", sender="dead.sender@sender.example")
        mta.wait_empty()
        daemon.settle()
        self.assertEqual(self.remote.attempts("dead.sender@sender.example")[0][:9], "550 5.1.1")
        self.assertEqual(daemon.suppressed(), {"dead@b.example": "hard"})
        self.assertEqual(daemon.failures("dead.sender@sender.example"), [])

    def suppressed_sender_gets_his_bounce(self, classes):
        daemon, mta = self.pair({"internal_mail_filter_classes": classes})
        daemon.ctl("add", SENDER)
        send(mta.port, "dead@b.example")
        mta.wait_empty()
        self.assertEqual([notice.sender for notice in self.remote.messages(SENDER)], [""])

    def test_a_suppressed_sender_still_gets_his_bounce(self):
        self.suppressed_sender_gets_his_bounce("")

    def test_a_bounce_that_comes_through_the_filter_is_never_refused(self):
        self.suppressed_sender_gets_his_bounce("bounce")

    def test_hostile_replies_affect_only_the_true_recipient(self):
        daemon, mta = self.pair()
        send(mta.port, "hostile@c.example", '"x>, relay=x, dsn=5.1.1, status=bounced (x"@remote.example', "good@a.example")
        mta.wait_empty()
        daemon.settle()
        self.assertEqual(daemon.suppressed(), {})
        self.assertEqual([row[0] for row in daemon.failures()], ["hostile@c.example"])
        self.assertEqual(daemon.failures("victim@remote.example"), [])

    def test_a_suppressed_domain_is_refused_but_not_its_subdomain(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "@d.example")
        submission = send(mta.port, "anyone@d.example", "Anyone@D.EXAMPLE", "anyone@sub.d.example")
        self.assertEqual([submission.code(to) for to in submission.recipients], [550, 550, 250])

    def test_every_spelling_of_a_suppressed_address_is_refused(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "listed@d.example")
        submission = send(
            mta.port,
            "LISTED@d.example",
            "listed@D.Example",
            '"listed"@d.example',
            "listed+tag@d.example",
        )
        self.assertEqual([submission.code(to) for to in submission.recipients], [550, 550, 550, 250])

    def test_twenty_one_refusals_in_a_row_do_not_cost_the_connection(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "@d.example")
        recipients = [f"r{number}@d.example" for number in range(40)]
        submission = send(mta.port, *recipients, "good@a.example")
        self.assertEqual(sum(submission.code(to) == 550 for to in recipients), 40)
        self.assertEqual(submission.data[:3], "250")


class BySendmailCommand(MtaTest):
    def test_a_suppressed_recipient_is_removed_and_the_others_get_their_fates(self):
        daemon, mta = self.pair()
        daemon.execute("INSERT INTO suppression(address) VALUES ('listed@d.example')")
        mta.sendmail(*FATES)
        mta.wait_empty()
        daemon.settle()
        self.assertEqual(daemon.suppressed(), {"dead@b.example": "hard", "listed@d.example": "manual"})
        self.assertEqual(daemon.streaks(), {"full@c.example": 1})
        self.assertEqual(len(self.remote.messages("good@a.example")), 1)
        self.assertEqual(self.remote.attempts("listed@d.example"), [])
        notices = self.remote.messages(SENDER)
        self.assertEqual(len(notices), 1)
        self.assertNotIn("listed@d.example", notices[0].data)
        daemon.stop()
        self.assertEqual(daemon.query("SELECT address, client, outcome FROM refusal"), [("listed@d.example", "local", "removed")])

    def test_a_wholly_suppressed_message_gives_its_sender_one_bounce(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "listed@d.example", "other@d.example")
        mta.sendmail("listed@d.example", "other@d.example")
        mta.wait_empty()
        daemon.settle()
        notices = self.remote.messages(SENDER)
        self.assertEqual([notice.sender for notice in notices], [""])
        self.assertIn("recipient suppressed", notices[0].data)
        self.assertEqual(self.remote.attempts("listed@d.example"), [])
        self.assertEqual(daemon.failures(), [])
        self.assertEqual(set(daemon.suppressed().values()), {"manual"})

    def test_mail_without_suppressed_recipients_passes_unchanged(self):
        daemon, mta = self.pair()
        mta.sendmail("good@a.example", "good.too@a.example")
        mta.wait_empty()
        self.assertEqual(
            sorted(to for message in self.remote.messages() for to in message.recipients), ["good.too@a.example", "good@a.example"]
        )
        daemon.settle()
        self.assertEqual(daemon.failures(), [])


class SyslogNames(MtaTest):
    def test_services_with_their_own_syslog_name_are_not_another_postfix(self):
        daemon, mta = self.pair({"maximal_queue_lifetime": "8s"}, soft__min_interval="0s")
        for service, name in (("smtp", "postfix-out"), ("cleanup", "postfix-in")):
            run("postconf", "-c", mta.config, "-P", f"{service}/unix/syslog_name={name}")
        mta.command("reload")
        send(mta.port, "dead@b.example", "good@a.example", sender="dead.sender@sender.example")
        send(mta.port, "later@c.example")
        mta.wait_empty(60)
        daemon.settle()
        self.assertTrue(mta.log_lines("postfix-out/smtp.*dead.sender@sender.example.*status=bounced"), "the bounce did not bounce")
        self.assertTrue(mta.log_lines("postfix-in/cleanup.*message-id="))
        self.assertEqual(daemon.suppressed(), {"dead@b.example": "hard"})
        self.assertEqual(
            sorted(daemon.failures()),
            [("dead@b.example", "bad-mailbox", "hard", "bounced"), ("later@c.example", "mailbox-full", "soft", "expired")],
        )
        self.assertEqual(daemon.query("SELECT DISTINCT instance FROM evidence"), [("postfix",)])
        self.assertEqual(daemon.query("SELECT count(*) FROM message"), [(0,)])
        self.assertEqual(daemon.query("SELECT count(*) FROM send"), [(0,)])


if __name__ == "__main__":
    unittest.main()
