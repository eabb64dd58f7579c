"""What a milter cannot see in Postfix, as the manual says it, and what is seen all the same."""

import unittest

from boxes.case import BoxTest

MAP = "/etc/postfix/suppressd-transport.cf"


class Limits(BoxTest):
    mta = "postfix"

    def test_mail_with_the_null_sender_is_never_refused(self):
        listed = self.listed()
        self.assertEqual(self.send(listed, sender="").code(listed), 250)

    def test_a_session_that_was_open_at_a_restart_is_not_filtered_before_it_ends(self):
        listed = self.listed()
        client = self.session()
        client.mail("news@sender.example")
        self.service.restart()
        self.assertEqual(client.rcpt(listed)[0], 250)
        client.rset()
        client.mail("news@sender.example")
        self.assertEqual(client.rcpt(listed)[0], 250)
        self.assertEqual(self.code(listed), 550)

    def test_a_suppressed_recipient_of_the_sendmail_command_gets_no_mail(self):
        listed, good = self.listed(), self.address("good")
        text = "Subject: command\n\nHello.\n"
        self.box.run("sendmail", "-i", "-f", "news@sender.example", "--", listed, good, input=text)
        self.wait_logged(f"to=<{good}>.*status=sent")
        self.assertEqual(self.remote.messages(listed), [])

    def test_a_member_of_an_alias_is_not_seen_at_rcpt(self):
        listed = self.listed()
        alias = f"team{listed.split('@')[0].rpartition('.')[2]}"
        self.box.shell(f"echo '{alias}: {listed}' >>/etc/aliases && newaliases")
        self.assertEqual(self.code(f"{alias}@sender.example"), 250)
        self.wait_logged(f"to=<{listed}>.*status=sent")


class TransportMap(BoxTest):
    """conf/postfix-transport.cf.example, with the permissions that systemd gives the database's folder."""

    mta = "postfix"

    def setUp(self):
        super().setUp()
        self.box.run("cp", "/usr/src/suppressd/conf/postfix-transport.cf.example", MAP)
        undo = "postconf -X transport_maps && gpasswd -d postfix suppressd && postfix reload"
        self.addCleanup(self.box.shell, undo)
        self.box.run("adduser", "postfix", "suppressd")
        self.box.run("postconf", "-e", f"transport_maps=proxy:sqlite:{MAP}")
        self.box.run("postfix", "reload")

    def test_a_dead_member_of_an_alias_gets_no_mail(self):
        dead, good = self.learn(), self.address("good")
        alias = f"team{good.split('@')[0].rpartition('.')[2]}"
        self.box.shell(f"echo '{alias}: {dead}, {good}' >>/etc/aliases && newaliases")
        attempts = len(self.remote.attempts(dead))
        self.assertEqual(self.code(f"{alias}@sender.example"), 250)
        self.wait_logged(f"to=<{good}>.*status=sent")
        self.wait_logged(f"to=<{dead}>.*relay=none.*status=bounced .*recipient suppressed")
        self.assertEqual(len(self.remote.attempts(dead)), attempts)
        self.assertEqual(len(self.service.failures(dead)), 1, "its own bounce is no evidence")


if __name__ == "__main__":
    unittest.main()
