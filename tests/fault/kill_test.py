"""kill -9 at random moments of live following, of replay, and of the making of a database: the result is that of an undisturbed run.

The log is written piece by piece, as an MTA does it, and rotated. No mail server takes part; tests/mta/crash_test.py has one. SUPPRESSD_KILLS
sets how often each of them is killed (tests/soak.sh: 1,000 in all), SUPPRESSD_SEED repeats a choice of moments.
"""

import os
import random
import subprocess
import threading
import time
import unittest

from harness.daemon import Suppressd, programs
from harness.tools import DAEMON_UID, Workspace, run

_KILLS = int(os.environ.get("SUPPRESSD_KILLS", "50"))
_SEED = int(os.environ.get("SUPPRESSD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


def made_log(lines, seed=1):
    """The bytes of a log, from its first line on."""
    return subprocess.run(
        [os.environ["SUPPRESSD_MAKE_LOG"], str(lines), str(seed), "500", "2000"], stdout=subprocess.PIPE, check=True
    ).stdout


class KillTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root: it runs the daemon as another user")
        self.workspace = Workspace()
        self.addCleanup(self.workspace.remove)
        self.dice = random.Random(_SEED)
        self.logs = self.workspace.folder("log", DAEMON_UID, DAEMON_UID)
        self.log = os.path.join(self.logs, "mail.log")

    def suppressd(self, name, log=None):
        # A daemon that lives long enough removes old evidence, and the log is of the past.
        daemon = Suppressd(self.workspace, log, {"source.timezone": "UTC", "database.keep_evidence": "forever"}, name)
        self.addCleanup(daemon.stop)
        return daemon

    def write_log(self, data):
        with open(self.log, "ab") as log:
            log.write(data)

    def sound(self, daemon):
        self.assertEqual(daemon.query("PRAGMA integrity_check"), [("ok",)])


class Following(KillTest):
    def feed(self, data, over):
        """Writes the log in pieces that end anywhere, and rotates it now and then, until `over` is set; then completes the line."""
        dice = random.Random(_SEED + 1)
        place = 0
        rotations = 0
        while not over.is_set() and place < len(data):
            end = min(len(data), place + dice.choice((3, 80, 500, 5000, 40000)))
            self.write_log(data[place:end])
            place = end
            if dice.random() < 0.01:
                end = data.find(b"\n", place) + 1 or len(data)
                self.write_log(data[place:end])
                place = end
                rotations += 1
                os.rename(self.log, f"{self.log}-2026{rotations // 28 + 1:02}{rotations % 28 + 1:02}")
                self.write_log(b"")
            time.sleep(0.02)
        self.write_log(data[place : data.find(b"\n", place) + 1 or len(data)])

    def test_a_killed_follower_ends_with_the_database_of_an_undisturbed_replay(self):
        self.write_log(b"")
        shaken = self.suppressd("shaken", self.log)
        shaken.start()
        over = threading.Event()
        feeder = threading.Thread(target=self.feed, args=(made_log(max(100_000, 2_000 * _KILLS)), over))
        feeder.start()
        try:
            for _ in range(_KILLS):
                time.sleep(self.dice.uniform(0.0, 0.4))
                shaken.kill()
                if self.dice.random() < 0.1:
                    self.sound(shaken)
                shaken.launch()
        finally:
            over.set()
            feeder.join()
        shaken.settle(120)
        self.sound(shaken)
        self.assertEqual(shaken.query("SELECT reason FROM gap"), [])
        steady = self.suppressd("steady")
        files = sorted(os.path.join(self.logs, name) for name in os.listdir(self.logs))
        steady.ctl("replay", *files, timeout=600)
        self.assertGreater(len(steady.failures()), _KILLS)
        self.assertTrue(steady.dump() == shaken.dump(), f"the dumps differ; SUPPRESSD_SEED={_SEED} repeats this choice of moments")

    def test_mail_of_an_uncommitted_null_sender_is_still_ignored(self):
        lines = (
            b"Sep 21 10:00:00 mta postfix/cleanup[1]: 4XA000F: message-id=<1@x>\n",
            b"Sep 21 10:00:00 mta postfix/qmgr[1]: 4XA000F: from=<>, size=1, nrcpt=1 (queue active)\n",
            b"Sep 21 10:00:01 mta postfix/smtp[1]: 4XA000F: to=<forged@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, "
            b"delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx.b.example[198.51.100.1] said: 550 5.1.1 User unknown "
            b"(in reply to RCPT TO command))\n",
            b"Sep 21 10:00:01 mta postfix/qmgr[1]: 4XA000F: removed\n",
        )
        for turn in range(max(3, _KILLS // 10)):
            data = b"".join(lines).replace(b"4XA000F", b"4XA%04X" % turn)
            place = 0
            daemon = self.suppressd(f"daemon{turn}", self.log)
            self.write_log(b"")
            daemon.start()
            while place < len(data):
                end = self.dice.randrange(place + 1, len(data) + 1)
                self.write_log(data[place:end])
                place = end
                time.sleep(self.dice.uniform(0.0, 0.05))
                daemon.kill()
                daemon.start()
            daemon.settle()
            self.assertEqual(daemon.suppressed(), {}, f"SUPPRESSD_SEED={_SEED}")
            self.assertEqual(daemon.failures(), [])
            daemon.stop()


class Replaying(KillTest):
    def setUp(self):
        super().setUp()
        _, self.ctl = programs(self.workspace)

    def replayed(self, name, log, longest):
        """Replays until it ends by itself, killed after at most `longest` seconds, some twenty times at most: (dump, number of kills)."""
        database = os.path.join(self.workspace.folder(name), "suppressd.db")
        command = [self.ctl, "--db", database, "--mta.local_relays", "", "--source.timezone", "UTC", "replay", "--transaction", "3000", log]
        kills = 0
        while True:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, said = process.communicate(timeout=self.dice.uniform(0.0, longest) if longest and kills < 20 else None)
                self.assertEqual(process.returncode, 0, said.decode())
                return run(self.ctl, "--db", database, "dump").stdout, kills
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1

    def killed_often(self, lines):
        self.write_log(made_log(lines))
        begun = time.monotonic()
        undisturbed, _ = self.replayed("undisturbed", self.log, None)
        longest = time.monotonic() - begun
        self.assertGreater(undisturbed.count("\n"), lines // 50)
        kills = 0
        turn = 0
        while kills < _KILLS:
            turn += 1
            dump, times = self.replayed(f"killed{turn}", self.log, longest)
            self.assertTrue(dump == undisturbed, f"the dumps differ; SUPPRESSD_SEED={_SEED} repeats this choice of moments")
            kills += times

    def test_a_killed_replay_continues_to_the_same_database(self):
        self.killed_often(60_000)

    def test_a_database_whose_making_was_killed_is_made_whole_at_the_next_start(self):
        self.killed_often(50)


if __name__ == "__main__":
    unittest.main()
