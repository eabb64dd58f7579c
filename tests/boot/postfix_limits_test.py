"""What a milter cannot see in Postfix, as the manual says it, and what is seen all the same."""

import unittest

from boxes.case import BoxTest


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
        self.box.run("sendmail", "-i", "-f", "news@sender.example", "--", listed, good, input="Subject: command\n\nHello.\n")
        self.wait_logged(f"to=<{good}>.*status=sent")
        self.assertEqual(self.remote.messages(listed), [])

    def test_a_member_of_an_alias_is_not_seen_at_rcpt(self):
        listed = self.listed()
        alias = f"team{listed.split('@')[0].rpartition('.')[2]}"
        self.box.shell(f"echo '{alias}: {listed}' >>/etc/aliases && newaliases")
        self.assertEqual(self.code(f"{alias}@sender.example"), 250)
        self.wait_logged(f"to=<{listed}>.*status=sent")


if __name__ == "__main__":
    unittest.main()
