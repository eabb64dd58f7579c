"""A provider that calls living mailboxes dead, on a real Postfix."""

import os
import time

from harness.case import MtaTest
from harness.dns import Dns
from harness.mail import send
from harness.maps import let_postfix_read, write_map
from harness.remote import ACCEPTED
from harness.tools import wait_until

LIVING = [f"reader{n}@b.example" for n in range(6)]
FALSE = "550 5.1.1 <{to}>: user lookup success but no user record found"


class Incident(MtaTest):
    def mail(self, daemon, mta, *recipients):
        time.sleep(1.1)  # A delivery of the same second tells nothing of what came first.
        codes = send(mta.port, *recipients)
        self.assertEqual({codes.code(to) for to in recipients}, {250}, "nobody is refused")
        mta.wait_empty()
        daemon.settle()

    def test_no_reader_is_lost_in_an_outage_and_who_is_dead_is_found_after_it(self):
        daemon, mta = self.pair()
        self.mail(daemon, mta, *LIVING)
        for reader in LIVING[:5]:
            self.remote.answer(reader, FALSE, ACCEPTED)
        self.mail(daemon, mta, *LIVING, "dead@b.example")
        self.assertEqual(daemon.suppressed(), {})
        pending = {address for (address,) in daemon.query("SELECT address FROM suppression WHERE state = 'pending'")}
        self.assertEqual(pending, {*LIVING[:5], "dead@b.example"})
        ((domain, failed, closed),) = daemon.query("SELECT domain, failed, closed FROM incident")
        self.assertEqual((domain, failed, closed), ("b.example", 5, None))
        self.assertIn("incident 1 at ", daemon.said())

        daemon.stop()
        daemon.start()
        self.mail(daemon, mta, *LIVING)  # It is over.
        self.assertEqual(daemon.suppressed(), {})
        pending = {address for (address,) in daemon.query("SELECT address FROM suppression WHERE state = 'pending'")}
        self.assertEqual(pending, {"dead@b.example"})

    def test_elsewhere_the_dead_are_suppressed_at_once(self):
        daemon, mta = self.pair()
        self.mail(daemon, mta, *LIVING)
        for reader in LIVING[:5]:
            self.remote.answer(reader, FALSE)
        self.mail(daemon, mta, *LIVING, "dead@c.example")
        self.assertEqual(set(daemon.suppressed()), {"dead@c.example"})


class Transport(MtaTest):
    """conf/postfix-incident-transport.cf.example: what a provider refuses in an incident is kept."""

    def start(self):
        dns = Dns(
            {
                "b.example": [("MX", "mx.provider.example")],
                "c.example": [("MX", "mx.other.example")],
                **{host: [("A", self.remote.address)] for host in ("mx.provider.example", "mx.other.example")},
            }
        )
        self.addCleanup(dns.close)
        path = os.path.join(self.workspace.path, "incident-transport.cf")
        self.mta = self.postfix(
            milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock",
            parameters={"transport_maps": f"proxy:sqlite:{path}"},
            resolver=dns.address,
            services="incident unix - - {chroot} - - smtp\n  -o soft_bounce=yes\n",
        )
        self.daemon = self.suppressd(self.mta.log)
        let_postfix_read(self.daemon, self.mta)
        self.daemon.start()
        write_map(path, "postfix-incident-transport.cf.example", self.daemon)
        self.mta.start()

    def query(self, question):
        ((answer,),) = self.daemon.query(question)
        return answer

    def test_all_mail_of_an_outage_is_delivered_when_it_is_over(self):
        self.start()
        readers = [f"reader{n}@b.example" for n in range(30)]
        send(self.mta.port, *readers)
        self.mta.wait_empty()
        self.daemon.settle()
        time.sleep(1.1)  # A delivery of the same second tells nothing of what came first.
        for reader in readers:
            self.remote.answer(reader, FALSE)
        send(self.mta.port, *readers[:3])  # They bounce: nobody can know.
        self.mta.wait_empty()
        wait_until(lambda: self.query("SELECT count(*) FROM v_incident_transport"), "an incident")
        # The queue manager asks the map again for another domain, or after 30 s.
        send(self.mta.port, "other@c.example")
        for n in range(3, 30, 9):
            self.assertEqual(send(self.mta.port, *readers[n : n + 9]).code(readers[n]), 250)
        kept = rf"to=<{readers[29]}>.*status=SOFTBOUNCE"
        wait_until(lambda: len(self.mta.log_lines(kept)) > 2, "attempts that are kept", 60)
        time.sleep(60)  # An outage of minutes.
        self.daemon.settle()
        self.assertEqual(self.daemon.suppressed(), {})
        self.assertEqual(self.query("SELECT closed FROM incident"), None, "attempts that are kept show that it goes on")
        self.assertEqual(self.query("SELECT sum(failed) FROM known_good WHERE domain <> ''"), 30, "a send counts once, however often it is tried")
        for reader in readers:
            self.remote.answer(reader, ACCEPTED)
        self.mta.command("flush")  # The queue manager may leave a message for long that it came back to too soon.
        self.mta.wait_empty(150)
        self.daemon.settle()
        delivered = [sum(reader in message.recipients for message in self.remote.messages()) for reader in readers]
        self.assertEqual(delivered, [1] * 3 + [2] * 27)
        self.assertEqual(self.query("SELECT count(*) FROM evidence WHERE what = 'failed'"), 3, "no send that was kept has failed")
        self.assertEqual(self.daemon.suppressed(), {})
