"""Bounces and complaints that come by mail: a real Postfix sends, the remote accepts, and reports later what happened."""

import re
import time

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.tools import wait_until

_DSN = """\
From: MAILER-DAEMON@mx.remote.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
{references}
--b
Content-Type: text/plain

This is the mail system at mx.remote.example. Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.remote.example
Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

{returned}--b--
"""

_COMPLAINT = """\
From: fbl@remote.example
To: abuse@sender.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: harness/1
Version: 1
Original-Mail-From: {to}

--b
Content-Type: message/rfc822

{returned}
Hello.

--b--
"""

DEAD = ("5.1.1", "550 5.1.1 User unknown")
FULL = ("5.2.2", "552 5.2.2 Mailbox full")


def header_of(message):
    return message.data.partition("\n\n")[0] + "\n"


class Reports(MtaTest):
    def start(self, **settings):
        self.daemon, self.mta = self.pair(milter__inbound_daemons=["inbound"], **settings)

    def delivered(self, recipient):
        """One message as the remote accepted it."""
        before = len(self.remote.messages(recipient))
        send(self.mta.port, recipient)
        wait_until(lambda: len(self.remote.messages(recipient)) > before, "the remote to get the message")
        self.mta.wait_empty()
        self.daemon.settle()
        return self.remote.messages(recipient)[-1]

    def bounce(self, recipient, verdict, returned="", references="", sender=""):
        part = f"--b\nContent-Type: text/rfc822-headers\n\n{returned}\n" if returned else ""
        text = _DSN.format(to=SENDER, recipient=recipient, status=verdict[0], words=verdict[1], returned=part, references=references)
        self.assertEqual(send(self.mta.inbound_port, SENDER, sender=sender, message=text).data[:3], "250")

    def test_a_proven_bounce_suppresses_and_a_forged_one_does_not(self):
        self.start()
        message = self.delivered("accepted@a.example")
        self.assertRegex(header_of(message), r"(?m)^Suppressd-Trace: v=1;")
        self.bounce("victim@a.example", DEAD, header_of(message))
        self.bounce("accepted@a.example", DEAD, re.sub(r"; t=\d+", "; t=1", header_of(message)))
        self.bounce("accepted@a.example", DEAD)
        wait_until(lambda: len(self.daemon.query("SELECT * FROM unproven")) == 2, "the forged reports to be stored")
        self.assertEqual(self.daemon.suppressed(), {})
        self.assertIn("victim@a.example", self.daemon.ctl("list", "--unproven").stdout)

        self.bounce("accepted@a.example", DEAD, header_of(message))
        self.daemon.wait_suppressed("accepted@a.example", "hard")
        self.assertEqual(send(self.mta.port, "accepted@a.example").code("accepted@a.example"), 550)
        self.assertEqual(self.daemon.query("SELECT origin FROM evidence"), [("report",)])

    def test_a_bounce_without_returned_headers_is_proven_by_its_message_id(self):
        self.start(report__index=True)
        message = self.delivered("accepted@a.example")
        message_id = re.search(r"(?im)^message-id: (<.*>)", header_of(message)).group(1)
        self.bounce("accepted@a.example", DEAD, references="In-Reply-To: <other@remote.example>\n")
        self.bounce("accepted@a.example", DEAD, references=f"In-Reply-To: {message_id}\n")
        self.daemon.wait_suppressed("accepted@a.example", "hard")

    def test_soft_bounces_build_a_streak_over_deliveries(self):
        self.start(soft__min_interval="0s")
        for expected in (1, 2, 3):
            message = self.delivered("gateway@a.example")
            time.sleep(1.1)
            self.bounce("gateway@a.example", FULL, header_of(message))
            wait_until(lambda: self.daemon.streaks().get("gateway@a.example") == expected, f"a streak of {expected}")
        self.assertEqual(self.daemon.suppressed(), {"gateway@a.example": "soft"})

    def test_a_complaint_suppresses_the_redacted_recipient(self):
        self.start()
        message = self.delivered("reader@a.example")
        returned = re.sub(r"(?im)^to: .*\n", "To: redacted\n", header_of(message))
        text = _COMPLAINT.format(to=SENDER, returned=returned)
        send(self.mta.inbound_port, "abuse@sender.example", sender="fbl@remote.example", message=text)
        self.daemon.wait_suppressed("reader@a.example", "complaint")

    def test_no_one_is_refused_on_the_inbound_service(self):
        self.start()
        self.daemon.ctl("add", SENDER)
        self.assertEqual(send(self.mta.inbound_port, SENDER, sender="friend@remote.example").code(SENDER), 250)
        self.assertEqual(send(self.mta.port, SENDER).code(SENDER), 550)

    def test_learn_reads_a_pipe_and_a_maildir_by_the_same_rules(self):
        self.start()
        message = self.delivered("accepted@a.example")
        part = f"--b\nContent-Type: text/rfc822-headers\n\n{header_of(message)}\n"
        text = _DSN.format(to=SENDER, recipient="accepted@a.example", status="5.1.1", words=DEAD[1], returned=part, references="")
        forged = text.replace("accepted@a.example", "victim@a.example")
        self.assertIn("not believed", self.daemon.ctl("learn", "-", input=forged).stdout)
        self.assertEqual(self.daemon.suppressed(), {})
        self.assertIn("learned", self.daemon.ctl("learn", "-", input=text).stdout)
        self.assertEqual(self.daemon.suppressed(), {"accepted@a.example": "hard"})
        folder = self.workspace.folder("Maildir/new")
        with open(f"{folder}/1.M1.host", "w", encoding="utf-8") as file:
            file.write(text)
        self.workspace.folder("Maildir/cur")
        self.assertIn("already known", self.daemon.ctl("learn", f"{self.workspace.path}/Maildir").stdout)

    def test_a_rotated_key_still_proves_what_it_signed(self):
        self.start()
        message = self.delivered("accepted@a.example")
        self.daemon.ctl("trace-key", "rotate")
        self.daemon.stop()
        self.daemon.start()
        self.bounce("accepted@a.example", DEAD, header_of(message))
        self.daemon.wait_suppressed("accepted@a.example", "hard")
