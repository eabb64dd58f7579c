"""A smart host or a transport's next hop that does not exist or is down costs no address; a relay's acceptance resets nothing."""

import re
import unittest

from harness.mail import send
from harness.sendmail import Sendmail, unpack
from harness.tools import wait_until
from harness.world import DEAD, FAR, WorldTest, enter

ZONE = {
    "sender.example": [("MX", "mx.provider.example")],
    "good.example": [("MX", "mx.provider.example")],
    "mx.provider.example": [("A", FAR)],
    "down.example": [("MX", "mx.down.example")],
    "mx.down.example": [("A", DEAD)],
    "hosted.example": [("MX", "mx-down.provider.example")],
    "mx-down.provider.example": [("A", DEAD)],
    "broken-mx.example": [("MX", "nosuch.broken-mx.example")],
    "smart.sender.example": [("A", FAR)],
    "smart-down.sender.example": [("A", DEAD)],
}
# Failures for which the recipients' own domains and hosts are to blame, whatever the MTA.
OWN_FAULTS = {
    "user@nosuch.example": ("bad-domain", "hard"),
    "user@broken-mx.example": ("bad-domain", "hard"),
    "user@down.example": ("connection", "soft"),
    "user@hosted.example": ("connection", "soft"),
}
MANY = [f"user@domain{number}.example" for number in range(30)]


def setUpModule():
    enter(unpack)


class NextHops(WorldTest):
    zone = ZONE

    def learning(self, log, **settings):
        return self.suppressd(log, **{"soft__min_interval": "0s", "soft__threshold": 1} | settings).start()

    def check_nobody_is_blamed(self, daemon, recipients):
        """Each send has ended as a fault of this host, and has changed nothing."""
        self.assertEqual({row[1:3] for row in daemon.failures()}, {("local-fault", "none")})
        self.assertEqual({row[0] for row in daemon.failures()}, set(recipients))
        self.assertEqual(daemon.suppressed(), {})
        self.assertEqual(daemon.streaks(), {})

    def check_own_faults(self, daemon):
        self.assertEqual({row[0]: row[1:3] for row in daemon.failures()}, OWN_FAULTS)
        self.assertEqual(set(daemon.suppressed()), {user for user, (_, action) in OWN_FAULTS.items() if action == "hard"})
        self.assertEqual(daemon.streaks(), {"@down.example": 1, "@hosted.example": 1}, "no address, but the domain")


class Sendmails(NextHops):
    def start(self, routing, lifetime="4s", **settings):
        mta = Sendmail(self.workspace, self.far, lifetime=lifetime, routing=routing)
        self._shown.append(("log of sendmail", mta.log_text))
        daemon = self.learning(mta.log, **settings)
        self.addCleanup(mta.stop)
        return daemon, mta.start()

    def test_a_typo_in_the_name_of_the_smart_host_suppresses_no_one(self):
        daemon, mta = self.start("define(`SMART_HOST', `smart.nodomain.example')dnl")
        for recipient in MANY:
            send(mta.port, recipient)
        wait_until(lambda: len(daemon.failures()) == len(MANY), "the failures")
        self.assertIn("mailer=relay, pri=", mta.log_text())
        self.assertIn("stat=Host unknown (Name server: smart.nodomain.example: host not found)", mta.log_text())
        self.check_nobody_is_blamed(daemon, MANY)

    def test_a_smart_host_that_is_down_suppresses_no_one(self):
        daemon, mta = self.start("define(`SMART_HOST', `[smart-down.sender.example]')dnl")
        for recipient in MANY[:3]:
            send(mta.port, recipient)
        wait_until(lambda: len(daemon.failures()) == 3, "the failures", 60)
        self.assertIn("stat=Deferred: Connection refused by smart-down.sender.example.", mta.log_text())
        self.check_nobody_is_blamed(daemon, MANY[:3])

    def test_a_mailertable_target_that_does_not_exist_or_is_an_address_that_is_down_suppresses_no_one(self):
        table = f"{self.workspace.path}/mailertable"
        with open(table, "w", encoding="ascii") as file:
            file.write(f"one.example\tesmtp:smart.nodomain.example\ntwo.example\tsmtp:[{DEAD}]\n")
            file.write("three.example\trelay:smart-down.sender.example\n")
        daemon, mta = self.start(f"FEATURE(`mailertable', `text -o -k0 -v1 {table}')dnl")
        recipients = ["user@one.example", "user@two.example", "user@three.example"]
        for recipient in recipients:
            send(mta.port, recipient)
        wait_until(lambda: len(daemon.failures()) == 3, "the failures", 60)
        self.check_nobody_is_blamed(daemon, recipients)

    def test_a_smart_host_by_another_mailer_is_known_by_mta_relays(self):
        daemon, mta = self.start("define(`SMART_HOST', `esmtp:[smart-down.sender.example]')dnl", mta__relays=["smart-down.sender.example."])
        send(mta.port, MANY[0])
        wait_until(lambda: len(daemon.failures()) == 1, "the failure", 60)
        self.check_nobody_is_blamed(daemon, MANY[:1])

    def test_the_recipients_own_domains_and_hosts_are_blamed_as_before(self):
        daemon, mta = self.start("dnl")
        for recipient in (*OWN_FAULTS, "user@good.example"):
            send(mta.port, recipient)
        wait_until(lambda: len(daemon.failures()) == len(OWN_FAULTS), "the failures", 60)
        self.check_own_faults(daemon)

    def test_a_smart_hosts_acceptance_is_no_delivery_and_its_words_about_a_recipient_count(self):
        daemon, mta = self.start("define(`SMART_HOST', `smart.sender.example')dnl", lifetime="1h", soft__threshold=3)
        self.far.answer("reader@c.example", "552 5.2.2 Mailbox full", "250 2.1.5 Ok")
        send(mta.port, "reader@c.example")
        mta.wait_empty()
        send(mta.port, "reader@c.example", "dead@b.example")
        mta.wait_empty()
        wait_until(lambda: re.search(r"to=<reader@c\.example>, .*mailer=relay.*stat=Sent", mta.log_text()), "the line of the acceptance")
        daemon.settle()
        self.assertEqual(len(self.far.messages("reader@c.example")), 1)
        self.assertEqual(daemon.streaks(), {"reader@c.example": 1})
        self.assertEqual(daemon.query("SELECT count(last_delivery) FROM recipient WHERE address = 'reader@c.example'"), [(0,)])
        self.assertEqual(daemon.suppressed(), {"dead@b.example": "hard"})


class Postfixes(NextHops):
    def start(self, parameters, **settings):
        mta = self.postfix(
            parameters={
                "relayhost": "",
                "smtp_dns_support_level": "enabled",
                "maximal_queue_lifetime": "3s",
                **parameters,
            }
        )
        daemon = self.learning(mta.log, **settings)
        return daemon, mta.start()

    def send_until_failed(self, mta, daemon, recipients):
        for recipient in recipients:
            send(mta.port, recipient)
        wait_until(lambda: len(daemon.failures()) >= len(recipients), "the failures", 60)

    def test_a_transports_next_hop_that_does_not_exist_suppresses_no_one(self):
        maps = "one.example = smtp:[smart.nodomain.example] }, { two.example = smtp:smart.nodomain.example"
        daemon, mta = self.start({"transport_maps": f"inline:{{ {{ {maps} }} }}"})
        recipients = ["user@one.example", "user@two.example"]
        self.send_until_failed(mta, daemon, recipients)
        self.check_nobody_is_blamed(daemon, recipients)

    def test_a_relayhost_that_does_not_exist_suppresses_no_one_even_in_its_own_domain(self):
        daemon, mta = self.start({"relayhost": "nosuch.sender.example"})
        recipients = [*MANY[:3], "user@sender.example"]
        self.send_until_failed(mta, daemon, recipients)
        self.assertTrue(mta.log_lines("dsn=4.3.5, status=deferred"))
        self.check_nobody_is_blamed(daemon, recipients)

    def test_a_relayhost_that_is_down_suppresses_no_one_if_no_mx_record_can_name_it(self):
        for number, relayhost in enumerate((f"[{DEAD}]", "[smart-down.sender.example]:587")):
            with self.subTest(relayhost):
                mta = self.postfix(
                    parameters={"relayhost": relayhost, "smtp_dns_support_level": "enabled", "maximal_queue_lifetime": "2s"},
                    name=f"postfix{number}",
                )
                daemon = self.suppressd(mta.log, f"suppressd{number}", soft__min_interval="0s", soft__threshold=1).start()
                mta.start()
                self.send_until_failed(mta, daemon, MANY[:3])
                self.check_nobody_is_blamed(daemon, MANY[:3])
                mta.stop()

    def test_a_listed_relay_that_is_down_suppresses_no_one_whatever_the_text(self):
        daemon, mta = self.start({"relayhost": "[smart-down.sender.example]"}, mta__relays=["smtp:[Smart-Down.sender.example]:25"])
        self.send_until_failed(mta, daemon, MANY)
        self.assertTrue(mta.log_lines(r"postfix/error\[.*delivery temporarily suspended: connect to smart-down"))
        self.check_nobody_is_blamed(daemon, MANY)

    def test_the_recipients_own_domains_and_hosts_are_blamed_as_before(self):
        daemon, mta = self.start({})
        self.send_until_failed(mta, daemon, OWN_FAULTS)
        self.check_own_faults(daemon)


if __name__ == "__main__":
    unittest.main()
