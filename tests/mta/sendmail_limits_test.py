"""What a milter cannot see in Sendmail, and what the `sendmail` command does with a refusal (suppressd(8), LIMITS)."""

import types
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.sendmail import Sendmail
from harness.tools import wait_until

DEAD = "quiet@a.example"  # The remote accepts it: mail that is not stopped arrives.
ALIASES = f"team: {DEAD}, good@a.example\n"


class SendmailLimits(MtaTest):
    def start(self):
        self.mta = Sendmail(
            self.workspace, self.remote, f"unix:{self.workspace.path}/suppressd/suppressd.sock", aliases=ALIASES
        )
        self._shown.append(("log of sendmail", self.mta.log_text))
        self.daemon = self.suppressd(self.mta.log).start()
        self.addCleanup(self.mta.stop)
        self.mta.start()
        self.daemon.execute("INSERT INTO suppression(address, kind, category, ref) VALUES (?, 'hard', 'bad-mailbox', 'ABC123')", DEAD)

    def test_members_are_seen_by_the_milter_of_a_host_that_gets_them_after_the_alias(self):
        """What helps: the list is expanded before the host that runs the filter."""
        self.start()
        socket = f"unix:{self.workspace.path}/suppressd/suppressd.sock"
        behind = self.postfix(milter=socket, parameters={"myhostname": "mx.sender.example"}).start()
        lists = Sendmail(self.workspace, types.SimpleNamespace(address="127.0.0.1", port=behind.port), aliases=ALIASES, name="lists")
        self._shown.append(("log of lists", lists.log_text))
        self.addCleanup(lists.stop)
        self.mta.stop()  # There is one /dev/log.
        lists.start()
        send(lists.port, "team@mta.sender.example")
        wait_until(lambda: self.arrived("good@a.example"), "the good member to get it")
        lists.wait_empty()
        self.assertRegex(lists.log_text(), rf"to=<?{DEAD}.*recipient suppressed")
        self.assertEqual(self.arrived(DEAD), 0)

    def arrived(self, address):
        return len(self.remote.messages(address))

    def test_members_of_an_alias_are_not_seen(self):
        self.start()
        team = "team@mta.sender.example"
        self.assertEqual(send(self.mta.port, DEAD).code(DEAD), 550)
        self.assertEqual(send(self.mta.port, team).code(team), 250)
        self.mta.wait_empty()
        self.assertEqual([self.arrived(to) for to in (DEAD, "good@a.example")], [1, 1])

    def test_mail_of_the_null_sender_is_not_refused(self):
        self.start()
        self.assertEqual(send(self.mta.port, DEAD, sender="").code(DEAD), 250)

    def bounces(self):
        return [message.data for message in self.remote.messages(SENDER)]

    def test_a_refusal_of_the_sendmail_command_is_not_only_an_exit_status(self):
        self.start()
        self.assertEqual(self.mta.command("-f", SENDER, DEAD, "good@a.example").returncode, 67)
        wait_until(self.bounces, "the bounce")
        self.assertIn("recipient suppressed", self.bounces()[0])
        self.assertEqual([self.arrived(to) for to in (DEAD, "good@a.example")], [0, 1])

    def test_with_oeq_it_is_only_an_exit_status(self):
        self.start()
        self.assertEqual(self.mta.command("-oeq", "-f", SENDER, DEAD).returncode, 67)
        self.assertEqual(send(self.mta.port, "good@a.example").code("good@a.example"), 250)
        self.mta.wait_empty()
        self.assertEqual(self.bounces(), [])

    def test_from_the_client_queue_a_refusal_is_a_bounce(self):
        self.start()
        self.assertEqual(self.mta.command("-odq", "-f", SENDER, DEAD).returncode, 0)
        self.mta.command("-Ac", "-q")
        wait_until(self.bounces, "the bounce")
        self.assertIn("recipient suppressed", self.bounces()[0])
        self.assertEqual(self.arrived(DEAD), 0)

    def test_sendmail_Am_is_not_seen(self):
        self.start()
        self.assertEqual(self.mta.command("-Am", "-f", SENDER, DEAD, submit=False).returncode, 0)
        wait_until(lambda: self.arrived(DEAD), "the mail to arrive")

    def test_nothing_is_learned_from_refused_mail(self):
        self.start()
        self.daemon.execute("DELETE FROM suppression")
        self.daemon.execute("INSERT INTO suppression(address, kind) VALUES (?, 'soft')", DEAD)
        self.mta.command("-f", SENDER, DEAD)
        wait_until(self.bounces, "the bounce")
        self.daemon.settle()
        self.assertEqual(self.daemon.failures(), [])
        self.assertEqual(self.daemon.suppressed(), {DEAD: "soft"})


if __name__ == "__main__":
    unittest.main()
