"""The milter's settings with a real Postfix: monitor, bypasses, a database that cannot answer, reload."""

import json
import os
import signal
import smtplib
import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.tools import DAEMON_UID, wait_until


class Monitor(MtaTest):
    def test_monitor_mode_refuses_no_one_and_records_what_it_would_have_refused(self):
        daemon, mta = self.pair(milter__mode="monitor")
        daemon.ctl("add", "listed@d.example")
        self.assertEqual(send(mta.port, "listed@d.example", "good@a.example").code("listed@d.example"), 250)
        mta.sendmail("listed@d.example")
        mta.wait_empty()
        self.assertEqual(len(self.remote.messages("listed@d.example")), 2)
        daemon.stop()
        self.assertEqual(
            sorted(daemon.query("SELECT address, client, outcome FROM refusal")),
            [("listed@d.example", "127.0.0.1", "monitored"), ("listed@d.example", "local", "monitored")],
        )

    def test_a_week_in_monitor_mode_ends_in_one_page(self):
        daemon, mta = self.pair(milter__mode="monitor")
        daemon.ctl("add", "alive@d.example", "dead@b.example")
        send(mta.port, "alive@d.example")
        send(mta.port, "dead@b.example")
        mta.wait_empty()
        delivered = "SELECT count(*) FROM recipient WHERE address = 'alive@d.example' AND last_delivery IS NOT NULL"
        wait_until(lambda: daemon.query(delivered) == [(1,)], "the delivery to be learned")
        wait_until(lambda: daemon.query("SELECT count(*) FROM refusal") == [(2,)], "both notes to be stored")
        page = json.loads(daemon.ctl("--json", "report", "--monitor").stdout)
        self.assertEqual((page["mode"], page["recipients"], page["addresses"], page["delivered_later"]), ("monitor", 2, 2, 1))
        self.assertEqual([row["address"] for row in page["delivered"]], ["alive@d.example"])
        self.assertIn("suppressctl show alive@d.example", page["next"])
        text = daemon.ctl("report", "--monitor").stdout.splitlines()
        self.assertLessEqual(len(text), 60)
        self.assertLessEqual(max(map(len, text)), 80)

    def test_monitor_mode_still_learns(self):
        daemon, mta = self.pair(milter__mode="monitor")
        send(mta.port, "dead@b.example")
        daemon.wait_suppressed("dead@b.example", "hard")


class EnforcementOff(MtaTest):
    def test_no_one_is_refused_until_it_ends_by_itself_also_in_sessions_that_were_open(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "listed@d.example")
        with smtplib.SMTP("127.0.0.1", mta.port) as session:

            def answer():
                session.rset()
                session.mail(SENDER)
                return session.rcpt("listed@d.example")[0]

            session.ehlo()
            self.assertEqual(answer(), 550)
            daemon.ctl("enforcement", "off", "--for", "12s", "--note", "a test")
            self.assertEqual(answer(), 250)
            wait_until(lambda: "enforcement is off until" in daemon.said(), "the daemon to say so")
            self.assertIn("(a test)", daemon.said())
            wait_until(lambda: answer() == 550, "it to end by itself")
            wait_until(lambda: "enforcement is on again" in daemon.said(), "the daemon to say so")
            daemon.ctl("enforcement", "off", "--for", "2h")
            self.assertEqual(answer(), 250)
            daemon.ctl("enforcement", "on")
            self.assertEqual(answer(), 550)
        daemon.stop()
        outcomes = {row[0] for row in daemon.query("SELECT outcome FROM refusal")}
        self.assertEqual(outcomes, {"refused", "monitored"})


class Bypass(MtaTest):
    def test_a_bypass_sender_reaches_a_suppressed_address_and_is_still_learned_from(self):
        daemon, mta = self.pair(milter__bypass_senders=["reset@sender.example", "@critical.example"])
        daemon.ctl("add", "listed@d.example")
        for sender in ("reset@sender.example", "Anyone@Critical.example"):
            self.assertEqual(send(mta.port, "listed@d.example", sender=sender).code("listed@d.example"), 250)
        self.assertEqual(send(mta.port, "listed@d.example").code("listed@d.example"), 550)
        send(mta.port, "dead@b.example", sender="reset@sender.example")
        daemon.wait_suppressed("dead@b.example", "hard")
        daemon.stop()
        self.assertEqual([row[0] for row in daemon.query("SELECT outcome FROM refusal ORDER BY id")], ["bypassed", "bypassed", "refused"])

    def test_a_bypass_network_is_never_refused(self):
        daemon, mta = self.pair(milter__bypass_networks=["127.0.0.0/8"])
        daemon.ctl("add", "listed@d.example")
        self.assertEqual(send(mta.port, "listed@d.example").code("listed@d.example"), 250)


class BrokenDatabase(MtaTest):
    """The file is replaced with one that is not a database, and restored."""

    def broken_and_mended(self, on_error):
        daemon, mta = self.pair(milter__on_error=on_error)
        daemon.ctl("add", "listed@d.example")
        self.assertEqual(send(mta.port, "listed@d.example").code("listed@d.example"), 550)
        aside = os.path.join(daemon.folder, "aside")
        os.mkdir(aside)
        parts = [name for name in os.listdir(daemon.folder) if name.startswith("suppressd.db")]
        for name in parts:
            os.rename(os.path.join(daemon.folder, name), os.path.join(aside, name))
        with open(daemon.database, "wb") as file:
            file.write(b"this is no database\n" * 1000)
        os.chown(daemon.database, DAEMON_UID, DAEMON_UID)
        time.sleep(0.1)  # The daemon looks at the file's identity every 10 ms.
        during = send(mta.port, "listed@d.example", "good@a.example")
        for name in os.listdir(daemon.folder):
            if name.startswith("suppressd.db"):
                os.unlink(os.path.join(daemon.folder, name))
        for name in parts:
            os.rename(os.path.join(aside, name), os.path.join(daemon.folder, name))
        wait_until(lambda: send(mta.port, "listed@d.example").code("listed@d.example") == 550, "the mended database to be used")
        self.assertRegex(daemon.said(), r"(?i)\[?(error|warning)")
        return during

    def test_mail_flows_by_default(self):
        during = self.broken_and_mended("accept")
        self.assertEqual([during.code(to) for to in during.recipients], [250, 250])

    def test_it_is_tempfailed_if_so_configured(self):
        during = self.broken_and_mended("tempfail")
        self.assertEqual([during.code(to) // 100 for to in during.recipients], [4, 4])


class Reload(MtaTest):
    def signalled(self, daemon, words):
        said = len(daemon.said())
        os.kill(daemon.pid, signal.SIGUSR1)
        wait_until(lambda: words in daemon.said()[said:], f"the words '{words}' after SIGUSR1")

    def test_usr1_uses_the_new_configuration_or_keeps_the_whole_old_one(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "listed@d.example")
        daemon.configure(milter__mode="monitor")
        self.signalled(daemon, "in force")
        self.assertEqual(send(mta.port, "listed@d.example").code("listed@d.example"), 250)
        daemon.configure(milter__mode="enforce", soft__threshold=0)
        self.signalled(daemon, "soft.threshold")
        self.assertEqual(send(mta.port, "listed@d.example").code("listed@d.example"), 250)
        daemon.configure(soft__threshold=3)
        self.signalled(daemon, "in force")
        self.assertEqual(send(mta.port, "listed@d.example").code("listed@d.example"), 550)

    def test_hup_ends_neither_the_filter_nor_a_session(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "listed@d.example")
        with smtplib.SMTP("127.0.0.1", mta.port, local_hostname="client.sender.example", timeout=60) as client:
            client.ehlo()
            self.assertEqual(client.mail(SENDER)[0], 250)
            self.assertEqual(client.rcpt("listed@d.example")[0], 550)
            # libmilter's own thread ends the filter at HUP. The first thread may be busy with any other signal, or with
            # a reload, when one comes.
            for _ in range(500):
                os.kill(daemon.pid, signal.SIGUSR1)
                os.kill(daemon.pid, signal.SIGHUP)
            daemon.configure(milter__mode="monitor")
            os.kill(daemon.pid, signal.SIGHUP)
            wait_until(lambda: send(mta.port, "listed@d.example").code("listed@d.example") == 250, "the reload after SIGHUP")
            self.assertEqual(client.rcpt("listed@d.example")[0], 550, "a session takes the new rules at its next message")
            client.rset()
            self.assertEqual(client.mail(SENDER)[0], 250)
            self.assertEqual(client.rcpt("listed@d.example")[0], 250)
        self.assertTrue(daemon.runs())
        self.assertEqual(daemon.said().count("serves on"), 1)
        self.assertEqual(daemon.stop(), 0)


class ByHand(MtaTest):
    def test_a_row_written_with_sqlite3_is_in_force_at_once_and_gone_at_once(self):
        daemon, mta = self.pair()
        self.assertEqual(send(mta.port, "anna@c.example").code("anna@c.example"), 250)
        daemon.execute("INSERT INTO suppression(address) VALUES ('anna@c.example')")
        self.assertEqual(send(mta.port, "anna@c.example").code("anna@c.example"), 550)
        daemon.execute("DELETE FROM suppression WHERE address = 'anna@c.example'")
        self.assertEqual(send(mta.port, "anna@c.example").code("anna@c.example"), 250)

    def test_check_says_what_the_milter_does(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "anna@c.example", "@d.example", "@e.example")
        daemon.ctl("exempt", "add", "boss@d.example")
        daemon.ctl("lift", "@e.example")
        for recipient, code in {"anna@c.example": 550, "x@d.example": 550, "boss@d.example": 250, "x@e.example": 250, SENDER: 250}.items():
            with self.subTest(recipient=recipient):
                self.assertEqual(send(mta.port, recipient).code(recipient), code)
                self.assertEqual(daemon.ctl("check", recipient, check=False).returncode, 1 if code == 550 else 0)


if __name__ == "__main__":
    unittest.main()
