"""Tags of messages with a real Postfix: from the header and the login to the row of the message."""

import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.tools import wait_until


class Tags(MtaTest):
    def tagged(self, daemon):
        return daemon.query("SELECT campaign, source, contact FROM message WHERE campaign <> '' ORDER BY campaign")

    def message(self, campaign, contact):
        return f"From: {SENDER}\nX-Campaign: {campaign}\nFeedback-ID: {contact}:x:y\nList-Id: News <news.sender.example>\nSubject: x\n\nHello.\n"

    def test_a_deferred_message_has_its_tags_over_a_restart_and_others_have_none(self):
        daemon, mta = self.pair(tags__campaign="header:X-Campaign", tags__source="list-id", tags__contact="header:Feedback-ID:1")
        send(mta.port, "later@b.example", message=self.message("summer", "c1"))
        send(mta.port, "later@b.example", "later.2@b.example", message=self.message("winter", "c2"))
        send(mta.port, "later@b.example")
        mta.sendmail("later@b.example", text=self.message("local", "c3"))
        expected = [("local", "news.sender.example", "c3"), ("summer", "news.sender.example", "c1"), ("winter", "news.sender.example", "c2")]
        wait_until(lambda: self.tagged(daemon) == expected, lambda: f"three tagged messages; there are {self.tagged(daemon)}")
        daemon.kill()
        daemon.start()
        send(mta.port, "good@b.example", message=self.message("gone", "c4"))
        daemon.settle()
        wait_until(lambda: self.tagged(daemon) == expected, lambda: f"the same; there are {self.tagged(daemon)}")
        self.assertEqual(daemon.query("SELECT count(*) FROM message"), [(4,)])
        self.assertEqual(daemon.query("SELECT count(*) FROM tag_note"), [(0,)])
        self.assertEqual(daemon.query("SELECT value FROM meta WHERE name = 'tags_lost'"), [])

    def test_a_failure_and_the_rates_know_the_tags_and_a_kill_is_noticed(self):
        daemon, mta = self.pair(tags__campaign="header:X-Campaign", tags__contact="header:Feedback-ID:1")
        send(mta.port, "dead.1@b.example", message=self.message("summer", "c1"))
        send(mta.port, "good@b.example", message=self.message("summer", "c2"))
        send(mta.port, "good@b.example")
        counted = "SELECT sent, delivered, dead FROM v_rate WHERE dimension = 'campaign' AND name = 'summer'"
        wait_until(lambda: daemon.query(counted) == [(2, 1, 1)], lambda: f"two sends; there are {daemon.query(counted)}")
        evidence = daemon.query("SELECT campaign, contact, message_id LIKE '%@%' FROM evidence")
        self.assertEqual(evidence, [("summer", "c1", 1)])
        meta = "SELECT count(*) FROM meta WHERE name = 'tags.{}'"
        self.assertEqual(daemon.query(meta.format("gap_to")), [(0,)])
        daemon.kill()
        daemon.start()
        wait_until(lambda: daemon.query(meta.format("gap_to")) == [(1,)], "the kill to be noticed")
        daemon.stop()
        self.assertEqual(daemon.query(meta.format("open")), [(0,)], "it ended and lost nothing")


if __name__ == "__main__":
    unittest.main()
