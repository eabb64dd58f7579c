"""What a milter cannot see in Postfix, and the transport map that sees it (suppressd(8), LIMITS; conf/postfix-transport.cf.example)."""

import os
import smtplib
import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.maps import let_postfix_read, write_map
from harness.postfix import milter
from harness.tools import run, wait_until

DEAD = "quiet@a.example"  # The remote accepts it: mail that is not stopped arrives.
SLOW_RETRY = {"minimal_backoff_time": "8s", "maximal_backoff_time": "8s"}  # Time to suppress a recipient before the second attempt.
REFUSED = r"recipient suppressed: bad-mailbox since \d{4}-\d\d-\d\d, ref \S+"


class Limits(MtaTest):
    """Each test first shows that the milter alone does not stop it; if that changes, the manual must change, too."""

    def start(self, parameters=None, **settings):
        self.daemon, self.mta = self.pair(parameters=parameters, **settings)

    def suppress(self, *addresses):
        for address in addresses:
            self.daemon.execute("INSERT INTO suppression(address, kind, category, ref) VALUES (?, 'hard', 'bad-mailbox', 'ABC123')", address)

    def aliases(self, **members):
        """A virtual alias map of the test's own."""
        path = os.path.join(self.workspace.path, "aliases")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(f"{name}@sender.example {', '.join(to)}\n" for name, to in members.items())
        return {"virtual_alias_maps": f"texthash:{path}"}

    def arrived(self, address):
        return len(self.remote.messages(address))


class Milter(Limits):
    def test_mail_of_the_null_sender_is_not_refused(self):
        self.start()
        self.suppress(DEAD)
        self.assertEqual(send(self.mta.port, DEAD, sender="").code(DEAD), 250)
        self.assertEqual(send(self.mta.port, DEAD).code(DEAD), 550)

    def session(self):
        client = smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.sender.example", timeout=60)
        self.addCleanup(client.close)
        return client

    def ask(self, client):
        client.rset()
        code, _ = client.mail(SENDER)
        return client.rcpt(DEAD)[0] if code == 250 else code

    def restart_under_a_session(self):
        """The answers to a session that was open when suppressd was restarted, and to a new one."""
        self.suppress(DEAD)
        old = self.session()
        old.ehlo()
        self.assertEqual(self.ask(old), 550)
        self.daemon.stop()
        self.ask(old)
        self.daemon.start()
        new = self.session()
        new.ehlo()
        return self.ask(old), self.ask(new)

    def test_a_session_that_was_open_at_a_restart_is_unfiltered_to_its_end(self):
        self.start()
        self.assertEqual(self.restart_under_a_session(), (250, 550))

    def test_with_default_action_tempfail_nothing_passes_in_a_session_that_lost_its_filter(self):
        self.start({"smtpd_milters": milter(f"unix:{self.workspace.path}/suppressd/suppressd.sock", "tempfail")})
        self.assertEqual(self.restart_under_a_session(), (451, 550))

    def test_members_of_an_alias_and_always_bcc_are_not_seen(self):
        self.start(self.aliases(team=[DEAD, "good@a.example"]) | {"always_bcc": "archive@a.example"})
        self.suppress(DEAD, "archive@a.example")
        self.assertEqual(send(self.mta.port, "team@sender.example").code("team@sender.example"), 250)
        self.mta.wait_empty()
        self.assertEqual([self.arrived(to) for to in (DEAD, "good@a.example", "archive@a.example")], [1, 1, 1])

    def test_mail_in_the_queue_is_not_seen(self):
        self.start()
        self.remote.answer(DEAD, self.remote.answers["greylist"], "250 2.1.5 Ok")
        send(self.mta.port, DEAD)
        wait_until(lambda: self.remote.attempts(DEAD), "the first attempt")
        self.suppress(DEAD)
        self.mta.wait_empty()
        self.assertEqual(self.arrived(DEAD), 1)


class TransportMap(Limits):
    def start(self, parameters=None, **settings):
        """The daemon's group is postfix's, which may read the database but not write it; the map is that of the example."""
        self.map = os.path.join(self.workspace.path, "suppressd-transport.cf")
        self.mta = self.postfix(
            milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock",
            parameters={"transport_maps": f"proxy:sqlite:{self.map}"} | (parameters or {}),
        )
        self.daemon = self.suppressd(self.mta.log, **settings)
        let_postfix_read(self.daemon, self.mta)
        self.daemon.start()
        write_map(self.map, "postfix-transport.cf.example", self.daemon)
        self.mta.start()

    def asked(self, address):
        return run("postmap", "-c", self.mta.config, "-q", address, f"proxy:sqlite:{self.map}", check=False).stdout.strip()

    def bounced(self, address):
        return self.mta.log_lines(rf"postfix/error\[\d+\]: \w+: to=<{address}>.*dsn=5\.1\.1, status=bounced \({REFUSED}\)")

    def wait_bounced(self, *addresses, timeout=40):
        for address in addresses:
            wait_until(lambda to=address: self.bounced(to), f"mail to {address} to be returned", timeout)
        self.mta.wait_empty()

    def suppress_in_the_queue(self):
        """Mail to DEAD is in the queue and was tried, and then DEAD is suppressed. Postfix's queue manager keeps the newest answer of its
        maps for 30 s; mail to another address ends that."""
        self.remote.answer(DEAD, self.remote.answers["greylist"], "250 2.1.5 Ok")
        send(self.mta.port, DEAD)
        wait_until(lambda: self.remote.attempts(DEAD), "the first attempt")
        self.suppress(DEAD)
        send(self.mta.port, "good@a.example")

    def assert_nothing_learned(self):
        self.daemon.settle()
        others = "address NOT LIKE 'good%' AND address <> ?"
        for table in ("evidence", "unproven", "delivery"):
            self.assertEqual(self.daemon.query(f"SELECT address FROM {table} WHERE {others}", SENDER), [], table)
        known = "(streak > 0 OR last_failure IS NOT NULL OR last_delivery IS NOT NULL)"
        self.assertEqual(self.daemon.query(f"SELECT address FROM recipient WHERE {known} AND {others}", SENDER), [])

    def test_members_of_an_alias_and_always_bcc_are_not_delivered_to(self):
        self.start(self.aliases(team=[DEAD, "good@a.example"]) | {"always_bcc": "archive@a.example"})
        self.suppress(DEAD, "archive@a.example")
        self.assertEqual(send(self.mta.port, "team@sender.example").code("team@sender.example"), 250)
        self.wait_bounced(DEAD, "archive@a.example")
        self.assertEqual([self.arrived(to) for to in (DEAD, "good@a.example", "archive@a.example")], [0, 1, 0])
        bounce = self.remote.messages(SENDER)[0].data
        self.assertRegex(bounce, r"Status: 5\.1\.1\n")
        self.assert_nothing_learned()

    def test_mail_in_the_queue_is_not_delivered(self):
        self.start(SLOW_RETRY)
        self.suppress_in_the_queue()
        self.wait_bounced(DEAD)
        self.assertEqual(self.arrived(DEAD), 0)
        self.daemon.settle()
        self.assertEqual(self.daemon.failures(), [])

    def test_its_bounce_is_not_learned_from_where_reports_are_read(self):
        self.start(SLOW_RETRY, milter__inbound_daemons=["inbound"])
        self.suppress_in_the_queue()  # The trace in it names the address, so its report is proven.
        self.wait_bounced(DEAD)
        bounce = wait_until(lambda: self.remote.messages(SENDER), "the bounce")[0].data
        self.assertIn("Suppressd-Trace: v=1;", bounce)
        self.assertEqual(send(self.mta.inbound_port, SENDER, sender="", message=bounce).data[:3], "250")
        # The same report in other words is learned: it was read, and proven.
        bounce = bounce.replace("recipient suppressed", "user unknown")
        self.assertEqual(send(self.mta.inbound_port, SENDER, sender="", message=bounce).data[:3], "250")
        wait_until(self.daemon.failures, "evidence of the report")
        self.assertEqual(len(self.daemon.failures()), 1)
        self.assertNotIn("recipient suppressed", self.daemon.query("SELECT text FROM evidence")[0][0])

    def test_a_client_does_not_get_a_bounce_for_what_it_typed(self):
        self.start(milter__bypass_senders=[SENDER])
        self.suppress(DEAD)
        self.assertRegex(send(self.mta.port, DEAD).recipients[DEAD], rf"^550 5\.1\.\d .*{REFUSED}$")

    def test_mail_is_not_refused_in_monitor_mode(self):
        self.start(milter__mode="monitor")
        self.suppress(DEAD)
        self.assertEqual(send(self.mta.port, DEAD).code(DEAD), 250)
        self.mta.wait_empty()
        self.assertEqual(self.arrived(DEAD), 1)

    def test_no_mail_is_lost_and_none_is_delivered_while_the_database_is_away(self):
        self.start(self.aliases(team=[DEAD, "good@a.example"]))
        self.suppress(DEAD)
        os.chmod(self.daemon.folder, 0o700)  # proxymap cannot reach it.
        self.mta.command("reload")
        self.mta.sendmail("team@sender.example")
        wait_until(lambda: self.mta.log_lines("proxymap.*Can't open database"), "proxymap to miss the database")
        time.sleep(3)
        self.assertNotEqual(self.mta.queue_ids(), [])
        self.assertEqual(self.remote.messages(), [])
        os.chmod(self.daemon.folder, 0o750)
        self.wait_bounced(DEAD, timeout=150)  # Postfix starts a service again a minute after it has failed.
        self.assertEqual([self.arrived(to) for to in (DEAD, "good@a.example")], [0, 1])

    def test_whole_domains_and_subdomains_are_found_and_exempt_addresses_are_not(self):
        self.start()
        self.suppress("@b.example", "@.c.example")
        self.daemon.ctl("exempt", "add", "boss@b.example", "@m.c.example")
        self.assertRegex(self.asked("b.example"), f"^error:5.1.1 {REFUSED}$")
        self.assertRegex(self.asked(".c.example"), f"^error:5.1.1 {REFUSED}$")
        self.assertEqual([self.asked(key) for key in ("c.example", "boss@b.example", "x.example", "it's@d.example")], ["", ":", "", ""])
        self.daemon.stop()
        passing = ("boss@b.example", "x@c.example", "x@m.c.example")
        fates = {"x@b.example": 550, "x@n.c.example": 550, "x@o.n.c.example": 550} | dict.fromkeys(passing, 250)
        self.assertEqual({to: send(self.mta.port, to).code(to) for to in fates}, fates)

    def test_the_operators_own_map_after_it_keeps_its_entries(self):
        own = os.path.join(self.workspace.path, "transport")
        with open(own, "w", encoding="ascii") as file:
            file.write("a.example error:4.4.4 not now\nd.example error:5.4.4 never\n")
        both = {"transport_maps": f"proxy:sqlite:{self.workspace.path}/suppressd-transport.cf, texthash:{own}"}
        self.start(both | self.aliases(team=[DEAD, "x@d.example", "good@e.example"]))
        self.suppress(DEAD)
        send(self.mta.port, "team@sender.example")
        self.wait_bounced(DEAD)
        self.assertTrue(self.mta.log_lines(r"to=<x@d\.example>.*status=bounced \(never\)"))
        self.assertEqual(self.arrived("good@e.example"), 1)
        self.daemon.settle()
        self.assertEqual(self.daemon.failures(), [])


if __name__ == "__main__":
    unittest.main()
