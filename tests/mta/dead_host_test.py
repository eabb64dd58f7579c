"""Hosts and domains that cannot be reached: what error(8) logs in their name, and how it ends."""

import unittest

from harness.case import MtaTest
from harness.dns import Dns
from harness.mail import send


class DeadHost(MtaTest):
    def test_thirty_messages_to_a_dead_host_fail_once_each_and_cost_no_address(self):
        # At port 25, as an MX; a next hop of this host's own would not even count against the domain.
        dns = Dns({"dead.example": [("MX", "mx.dead.example")], "mx.dead.example": [("A", "127.0.0.3")]})
        self.addCleanup(dns.close)
        mta = self.postfix(
            parameters={
                "smtp_tcp_port": "25",
                "minimal_backoff_time": "4s",
                "maximal_backoff_time": "4s",
                "maximal_queue_lifetime": "9s",
            },
            resolver=dns.address,
        )
        daemon = self.suppressd(mta.log, soft__min_interval="0s").start()
        mta.start()
        recipients = [f"r{number:02}@dead.example" for number in range(30)]
        for recipient in recipients:
            send(mta.port, recipient)
        mta.wait_empty(90)
        daemon.settle()
        self.assertGreater(len(mta.log_lines(r"postfix/error\[.*delivery temporarily suspended: connect to")), 25)
        self.assertEqual(len(mta.log_lines("status=expired")), 30)
        self.assertEqual(
            [row[:1] + row[2:] for row in sorted(daemon.failures())], [(recipient, "soft", "expired") for recipient in recipients]
        )
        self.assertEqual({row[1] for row in daemon.failures()}, {"connection"})
        self.assertEqual(daemon.query("SELECT DISTINCT against FROM evidence"), [("@dead.example",)])
        self.assertEqual(daemon.streaks(), {"@dead.example": 30})
        self.assertEqual(daemon.suppressed(), {})
        self.assertIn("counts against @dead.example, not the address", daemon.ctl("show", recipients[0]).stdout)
        self.assertRegex(daemon.ctl("show", "@dead.example").stdout, r", to r\d\d@dead\.example")

    def test_lines_of_error_without_a_reason_of_their_own_are_ignored(self):
        daemon, mta = self.pair({
                "transport_maps": "inline:{ { closed.example = error:5.1.1 User unknown, says this host's own table } }",
                "smtpd_reject_unlisted_recipient": "no",
            })
        send(mta.port, "somebody@closed.example")
        mta.wait_empty()
        daemon.settle()
        self.assertTrue(mta.log_lines(r"postfix/error\[.*status=bounced"))
        self.assertEqual(daemon.failures(), [])
        self.assertEqual(daemon.suppressed(), {})


class Domains(MtaTest):
    def setUp(self):
        super().setUp()
        dns = Dns(
            {
                "a.example": [("MX", "mx.provider.example")],
                "sender.example": [("MX", "mx.provider.example")],
                "mx.provider.example": [("A", self.remote.address)],
            }
        )
        self.addCleanup(dns.close)
        mta = self.postfix(milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock", resolver=dns.address)
        self.daemon = self.suppressd(mta.log).start()
        self.mta = mta.start()

    def test_a_domain_that_does_not_exist_is_a_bad_domain_for_seven_days(self):
        send(self.mta.port, "somebody@nosuch.example", "good@a.example")
        self.mta.wait_empty()
        self.daemon.settle()
        self.assertTrue(self.mta.log_lines("Host or domain name not found. Name service error for name=nosuch.example"))
        self.assertEqual(self.daemon.failures(), [("somebody@nosuch.example", "bad-domain", "hard", "bounced")])
        self.assertEqual(self.daemon.suppressed(), {"somebody@nosuch.example": "hard"})
        self.assertEqual(self.daemon.query("SELECT until - since FROM suppression"), [(7 * 86400,)])

    def test_the_provider_is_who_runs_the_receiving_host(self):
        send(self.mta.port, "dead@a.example")
        self.daemon.wait_suppressed("dead@a.example", "hard")
        self.assertEqual(self.daemon.query("SELECT provider FROM suppression"), [("provider.example",)])


if __name__ == "__main__":
    unittest.main()
