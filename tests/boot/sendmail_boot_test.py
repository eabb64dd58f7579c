"""Sendmail under systemd, with Debian's own sendmail.mc changed as conf/sendmail.mc.example says."""

import smtplib
import time
import unittest

from boxes.case import BoxTest
from boxes.service import SOCKET, as_user
from boxes.traffic import Traffic
from harness.tools import wait_until

TEXT = "From: news@sender.example\nSubject: command\n\nHello.\n"
BAD_RECIPIENT = 67  # EX_NOUSER.


class SendmailTest(BoxTest):
    mta = "sendmail"

    def sendmail(self, *words, check=True):
        """The sendmail command as a user of the box gives it."""
        return self.box.run(*as_user("visitor"), "sendmail", *words, check=check, input=TEXT)

    def wait_delivered(self, recipient):
        wait_until(lambda: self.remote.messages(recipient), f"{recipient} to get its mail")


class Example(SendmailTest):
    def test_no_port_is_bound_twice(self):
        log = self.box.run("journalctl", "-q", "-o", "cat", "-b").stdout
        self.assertNotRegex(log, "cannot bind|wedged")
        self.assertTrue(self.service.is_active("sendmail.service"))

    def test_a_recipient_that_bounced_is_not_accepted_again(self):
        dead = self.learn("dead")
        good = self.address("good")
        answer = self.send(dead, good).recipients[dead]
        self.assertRegex(answer, r"^550 5\.1\.1 .*recipient suppressed: bad-mailbox since .*, ref ")
        self.wait_delivered(good)

    def test_the_submission_port_is_not_open_to_all(self):
        with self.box.network(), smtplib.SMTP("127.0.0.1", 587, timeout=30) as client:
            client.ehlo()
            self.assertEqual(client.mail("news@sender.example")[0], 530)

    def test_sendmail_does_not_sleep_after_refused_recipients(self):
        listed = [self.address("listed") for _ in range(12)]
        self.service.ctl("add", *listed)
        begun = time.monotonic()
        answers = self.send(*listed)
        self.assertEqual({answers.code(recipient) for recipient in listed}, {550})
        self.assertLess(time.monotonic() - begun, 8, "a second for each from the fourth on would be nine")


class BySocket(SendmailTest):
    def setUp(self):
        super().setUp()
        self.use_socket()

    def test_the_drop_in_does_not_leave_postfix_s_socket(self):
        self.assertEqual(self.service.show("Listen", SOCKET), "/run/suppressd/suppressd.sock (Stream)")

    def test_restarts_under_mail_do_not_let_a_suppressed_recipient_pass(self):
        listed = self.listed()
        with Traffic(self.box, self.port, listed, self.address("good")) as traffic:
            for _ in range(4):
                time.sleep(0.3)
                traffic.restart(self.service)
            time.sleep(0.5)
        met, after = traffic.passed()
        print(f"{len(traffic.sessions)} sessions; passed: {len(met)} that a restart met")
        self.assertEqual([session for session in traffic.sessions if session.error], [])
        self.assertEqual(after, [], traffic.restarts)
        self.assertEqual(self.code(listed), 550)


class Limits(SendmailTest):
    def test_the_sendmail_command_with_a_suppressed_recipient_does_not_bounce_but_keeps_a_dead_letter(self):
        listed = self.listed()
        self.box.shell("rm -f /home/visitor/dead.letter")
        self.assertEqual(self.sendmail("-i", listed, check=False).returncode, BAD_RECIPIENT)
        self.assertIn("Subject: command", self.box.read("/home/visitor/dead.letter"))
        self.assertEqual(self.remote.messages(listed), [])

    def test_with_oem_the_sender_does_not_go_without_a_bounce(self):
        listed = self.listed()
        self.sendmail("-i", "-oem", "-f", "news@a.example", listed, check=False)
        self.wait_delivered("news@a.example")
        self.assertEqual(self.remote.messages(listed), [])

    def test_sendmail_am_is_not_asked_about(self):
        listed = self.listed()
        self.box.run("sendmail", "-Am", "-i", listed, input=TEXT)
        self.wait_delivered(listed)

    def test_a_member_of_an_alias_is_not_seen_at_rcpt(self):
        listed = self.listed()
        alias = f"team{listed.split('@')[0].rpartition('.')[2]}"
        self.box.shell(f"echo '{alias}: {listed}' >>/etc/mail/aliases && newaliases")
        self.assertEqual(self.code(f"{alias}@mta.sender.example"), 250)
        self.wait_delivered(listed)


if __name__ == "__main__":
    unittest.main()
