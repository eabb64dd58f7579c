"""kill -9, stops, and logs that were rotated meanwhile: the database is the one that an undisturbed daemon has.

SUPPRESSD_KILLS sets how often the daemon is killed (tests/soak.sh: many more), SUPPRESSD_SEED repeats a run.
"""

import os
import random
import threading
import time
import unittest

from harness.case import MtaTest
from harness.mail import send
from harness.tools import wait_until

_KILLS = int(os.environ.get("SUPPRESSD_KILLS", "15"))
_SEED = int(os.environ.get("SUPPRESSD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


class Killed(MtaTest):
    def test_a_killed_follower_ends_with_the_database_of_an_undisturbed_one(self):
        dice = random.Random(_SEED)
        mta = self.postfix(parameters={"maximal_queue_lifetime": "6s", "bounce_queue_lifetime": "6s"})
        steady = self.suppressd(mta.log, name="steady", soft__min_interval="0s").start()
        shaken = self.suppressd(mta.log, name="shaken", soft__min_interval="0s").start()
        mta.start()
        over = threading.Event()

        def traffic():
            number = 0
            while not over.is_set():
                number += 1
                fates = ("good", "dead", "full", "later", "policy", "hostile")
                send(
                    mta.port,
                    *(f"{dice.choice(fates)}.{number}.{n}@x{dice.randrange(5)}.example" for n in range(6)),
                    "full.always@y.example",
                    sender="" if number % 7 == 0 else "dead.sender@sender.example",
                )
                over.wait(0.2)

        sender = threading.Thread(target=traffic)
        sender.start()
        try:
            for _ in range(_KILLS):
                time.sleep(dice.uniform(0.0, 1.5))
                shaken.kill()
                time.sleep(dice.uniform(0.0, 0.3))
                shaken.launch()
                if dice.random() < 0.2:
                    mta.rotate()
        finally:
            over.set()
            sender.join()
        mta.drain(90)
        steady.settle()
        shaken.settle()
        self.assertGreater(len(steady.failures()), _KILLS)
        self.assertEqual(steady.dump(), shaken.dump(), f"SUPPRESSD_SEED={_SEED} repeats this choice of moments")
        self.assertEqual(shaken.query("SELECT reason FROM gap"), [])


class WhileDown(MtaTest):
    def setUp(self):
        super().setUp()
        self.mta = self.postfix()
        self.daemon = self.suppressd(self.mta.log).start()
        self.mta.start()

    def send_and_forget(self, *recipients):
        send(self.mta.port, *recipients)
        self.mta.wait_empty()

    def learned_once(self, *dead, full):
        self.daemon.settle()
        self.assertEqual(self.daemon.suppressed(), {address: "hard" for address in dead})
        self.assertEqual(self.daemon.streaks(), {address: 1 for address in full})
        self.assertEqual(sorted(row[0] for row in self.daemon.failures()), sorted([*dead, *full]))
        self.assertEqual(self.daemon.query("SELECT reason FROM gap"), [])

    def test_events_are_learned_at_the_next_start_once(self):
        self.send_and_forget("dead.1@a.example", "full.1@b.example")
        self.daemon.settle()
        self.daemon.stop()
        self.send_and_forget("dead.2@a.example", "full.2@b.example")
        self.daemon.start()
        self.learned_once("dead.1@a.example", "dead.2@a.example", full=["full.1@b.example", "full.2@b.example"])
        self.daemon.stop()
        self.daemon.start()
        self.learned_once("dead.1@a.example", "dead.2@a.example", full=["full.1@b.example", "full.2@b.example"])

    def test_a_rotation_in_between_loses_nothing_and_repeats_nothing(self):
        self.send_and_forget("dead.1@a.example", "full.1@b.example")
        self.daemon.settle()
        self.daemon.kill()
        self.send_and_forget("dead.2@a.example", "full.2@b.example")
        self.mta.rotate()
        self.send_and_forget("dead.3@a.example", "full.3@b.example")
        self.daemon.start()
        self.learned_once(
            "dead.1@a.example", "dead.2@a.example", "dead.3@a.example", full=["full.1@b.example", "full.2@b.example", "full.3@b.example"]
        )

    def test_a_replay_of_a_followed_log_adds_nothing(self):
        self.send_and_forget("dead.1@a.example", "full.1@b.example", "good@c.example")
        self.daemon.settle()
        self.daemon.stop()
        before = self.daemon.dump()
        copy = os.path.join(self.daemon.folder, "old.log")
        with open(self.mta.log, "rb") as log, open(copy, "wb") as file:
            file.write(log.read())
        self.assertIn("0 new lines", self.daemon.ctl("replay", copy).stdout)
        self.assertEqual(self.daemon.dump(), before)

    def test_a_replay_into_an_empty_database_gives_that_of_the_live_run(self):
        self.send_and_forget("dead.1@a.example", "full.1@b.example", "good@c.example")
        self.daemon.settle()
        other = self.suppressd(name="other")
        os.chmod(self.mta.log, 0o644)
        other.ctl("replay", self.mta.log)
        self.assertEqual(other.dump(), self.daemon.dump())


class Replaced(MtaTest):
    """The database is replaced with a copy while it is in use: the daemon recovers by itself, with the list of the copy, and learns again
    what was logged since."""

    def setUp(self):
        super().setUp()
        self.daemon, self.mta = self.pair()
        self.mail("dead.first@a.example", "good@c.example")
        self.daemon.wait_suppressed("dead.first@a.example")
        self.copy = os.path.join(self.daemon.folder, "copy.db")
        self.daemon.ctl("backup", self.copy)
        self.mail("dead.second@a.example", "full@b.example")
        self.daemon.wait_suppressed("dead.second@a.example")
        self.daemon.ctl("add", "manual@b.example")
        self.mail("manual@b.example", "good.2@c.example")

    def mail(self, *recipients):
        answers = send(self.mta.port, *recipients)
        self.mta.wait_empty()
        return answers

    def replace(self):
        os.rename(self.copy, self.daemon.database)

    def remove_log(self):
        for end in ("-wal", "-shm"):
            if os.path.exists(self.daemon.database + end):
                os.unlink(self.daemon.database + end)

    def refused(self, recipient):
        return send(self.mta.port, recipient).code(recipient) == 550

    def recovers(self):
        """Checked by mail only: opening the file meanwhile would disturb it."""
        wait_until(lambda: self.refused("dead.first@a.example"), "a recipient of the copy's list to be refused", 15, 0.2)
        wait_until(lambda: self.refused("dead.second@a.example"), "what was learned since to be learned again", 15, 0.2)
        self.mail("dead.third@a.example")
        wait_until(lambda: self.refused("dead.third@a.example"), "a new bounce to be learned", 15, 0.2)
        self.assertFalse(self.refused("manual@b.example"), "what was done by hand after the copy is not in it")
        self.assertNotIn("holds a lock", self.daemon.said())
        self.daemon.settle()
        self.assertEqual(self.daemon.query("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.daemon.streaks(), {"full@b.example": 1})
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start()
        self.assertTrue(self.refused("dead.third@a.example"))

    def test_a_copy_beside_the_old_log_then_mail_then_no_log(self):
        self.replace()
        self.mail("good.3@c.example", "dead.first@a.example")
        self.remove_log()
        self.recovers()

    def test_a_copy_and_no_log_at_once(self):
        self.replace()
        self.remove_log()
        self.recovers()

    def test_a_copy_while_no_mail_comes(self):
        self.replace()
        time.sleep(2)
        self.remove_log()
        time.sleep(2)
        self.recovers()

    def test_no_log_then_mail_then_a_copy(self):
        self.remove_log()
        self.mail("good.3@c.example", "dead.first@a.example")
        self.replace()
        self.recovers()

    def test_a_copy_and_nothing_more(self):
        self.replace()
        self.recovers()

    def test_a_copy_then_a_kill_then_no_log(self):
        self.replace()
        self.daemon.kill()
        self.remove_log()
        self.daemon.start()
        self.recovers()

    def test_no_log_and_nothing_more_loses_nothing(self):
        before = self.daemon.dump()
        self.remove_log()
        wait_until(lambda: "the current one is used" in self.daemon.said(), "the daemon to notice", 15)
        self.assertEqual(self.daemon.dump(), before)
        self.assertTrue(self.refused("manual@b.example"))
        self.mail("dead.third@a.example")
        self.daemon.wait_suppressed("dead.third@a.example")


if __name__ == "__main__":
    unittest.main()
