"""Sendmail knows a recipient by several names: what the client typed, what virtusertable or a CNAME makes of it, the members of an alias."""

import re
import unittest

from harness.mail import SENDER, send
from harness.sendmail import Sendmail, unpack
from harness.tools import wait_until
from harness.world import FAR, WorldTest, enter

ZONE = {
    "sender.example": [("MX", "mx.provider.example")],
    "a.example": [("MX", "mx.provider.example")],
    "b.example": [("MX", "mx.provider.example")],
    "mx.provider.example": [("A", FAR)],
    "www.a.example": [("CNAME", "a.example")],
}
VIRTUSERS = "sales@shop.example\tdead@a.example\ninfo@shop.example\tanna@b.example\nteam@shop.example\tteam\n"
ALIASES = "team: anna@a.example, dead@b.example\nlate: anna@a.example, later@b.example\n"

_DSN = """\
From: MAILER-DAEMON@mx.provider.example
To: news@sender.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.provider.example

Final-Recipient: rfc822; {reported}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

{header}

--b--
"""


def setUpModule():
    enter(unpack)


class Names(WorldTest):
    zone = ZONE

    def setUp(self):
        super().setUp()
        table = f"{self.workspace.path}/virtusertable"
        with open(table, "w", encoding="ascii") as file:
            file.write(VIRTUSERS)
        self.mta = Sendmail(
            self.workspace,
            self.far,
            f"unix:{self.workspace.path}/suppressd/suppressd.sock",
            routing=f"FEATURE(`virtusertable', `text -o -k0 -v1 {table}')dnl\nVIRTUSER_DOMAIN(`shop.example')dnl",
            aliases=ALIASES,
            domains=("lists.example", "shop.example"),
        )
        self._shown.append(("log of sendmail", self.mta.log_text))
        self.addCleanup(self.mta.stop)

    def start(self, **settings):
        daemon = self.suppressd(self.mta.log, **settings).start()
        self.mta.start()
        return daemon

    def code(self, recipient, sender=SENDER):
        return send(self.mta.port, recipient, sender=sender).code(recipient)

    def test_an_address_learned_as_typed_is_not_accepted_again(self):
        daemon = self.start()
        for typed in ("sales@shop.example", "dead@www.a.example"):
            with self.subTest(typed):
                self.assertEqual(self.code(typed), 250)
                daemon.wait_suppressed(typed, "hard")
                self.assertRegex(self.mta.log_text(), rf"to=<{typed}>, .*reply=550 5.1.1 <dead@a.example>")
                self.assertEqual(self.code(typed), 550)

    def test_an_unsubscription_of_the_address_that_virtusertable_leads_to_is_not_passed_by(self):
        daemon = self.start()
        daemon.ctl("add", "--kind", "unsubscribe", "anna@b.example")
        self.assertEqual(self.code("info@shop.example"), 550)
        self.assertEqual(self.far.messages("anna@b.example"), [])

    def test_an_exemption_of_either_name_is_honoured(self):
        daemon = self.start()
        daemon.ctl("add", "dead@a.example", "info@shop.example")
        self.assertEqual([self.code("sales@shop.example"), self.code("info@shop.example")], [550, 550])
        daemon.ctl("exempt", "add", "sales@shop.example", "anna@b.example")
        self.assertEqual([self.code("sales@shop.example"), self.code("info@shop.example")], [250, 250])
        self.mta.wait_empty()
        daemon.settle()
        self.assertEqual(self.code("sales@shop.example"), 250)

    def test_the_trace_proves_a_report_about_either_name(self):
        daemon = self.start()
        for reported in ("info@shop.example", "anna@b.example"):
            with self.subTest(reported):
                self.assertEqual(self.code("info@shop.example"), 250)
                self.mta.wait_empty()
                daemon.settle()
                header = self.far.messages("anna@b.example")[-1].data.partition("\n\n")[0]
                self.assertIn("Suppressd-Trace: v=1;", header)
                report = f"{self.workspace.path}/report"
                with open(report, "w", encoding="utf-8") as file:
                    file.write(_DSN.format(reported=reported, header=header))
                daemon.ctl("learn", report)
                self.assertEqual(daemon.suppressed(), {reported: "hard"})
                self.assertEqual(self.code("info@shop.example"), 550)
                daemon.ctl("lift", reported)

    def test_the_second_member_of_an_alias_is_not_another_message(self):
        """nrcpts= counts the alias once."""
        daemon = self.start()
        self.assertEqual(self.code("team@shop.example", sender=""), 250)
        self.mta.wait_empty()
        daemon.settle()
        self.assertRegex(self.mta.log_text(), r"from=<>, .*nrcpts=1,")
        self.assertRegex(self.mta.log_text(), r"to=anna@a\.example, .*stat=Sent")
        self.assertRegex(self.mta.log_text(), r"to=dead@b\.example, .*dsn=5\.1\.1")
        self.assertEqual(daemon.failures(), [], "a bounce has taught something")

        self.assertEqual(self.code("late@lists.example"), 250)
        attempt = re.compile(r"^(\w+ +\d+ [0-9:]+) .*to=later@b\.example, .*stat=Deferred", re.MULTILINE)
        # Two of the same second may be one line, read twice.
        wait_until(lambda: len(set(attempt.findall(self.mta.log_text()))) > 3, "attempts in four seconds")
        daemon.settle()
        self.assertEqual(daemon.query("SELECT count(*) FROM message WHERE sender = ?", SENDER), [(1,)])
        attempts = daemon.query("SELECT attempts FROM send WHERE address = 'later@b.example'")
        self.assertGreater(attempts[0][0], 3, "the deferred member's attempts were forgotten when the other one had ended")


if __name__ == "__main__":
    unittest.main()
