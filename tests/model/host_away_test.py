"""Hosts that are away: mail once a day, for which the queue has patience for a day. No address is suppressed for what its host did not take,
those that are dead when it is back are, and domains that never come back are suppressed as a whole in the second week.

SUPPRESSD_BIN=build/.../src python3 -B tests/model/host_away_test.py. SUPPRESSD_MODEL_PROGRAMS of more than 1,000: with 100,000 addresses.
"""

import contextlib
import os
import random
import sqlite3
import time
import unittest

from list_database import ListDatabase, WorkFolder
from outage_traffic import DAY, DEAD, HOUR, MINUTE, MONDAY

MANY = int(os.environ.get("SUPPRESSD_MODEL_PROGRAMS", "0")) > 1000
SIZE = 100_000 if MANY else 2000
TOGETHER = 20  # recipients of a message
RETRIES = (5 * MINUTE, 2 * HOUR, 9 * HOUR, 20 * HOUR)  # after a message entered
LIFETIME = DAY
AWAY = range(3, 7)  # days
BACK = 10  # the last day

TIMEOUT = ("none", "4.4.1", "connect to {mx}[192.0.2.1]:25: Connection timed out")
BUSY = ("host", "4.3.0", "451 4.3.0 Temporary server error, please try again later")
GREY = ("host", "4.2.0", "450 4.2.0 <{to}>: Recipient address rejected: Greylisted")
VAGUE = ("host", "4.0.0", "450 later")


def readers(domain, count):
    return [f"reader{number}@{domain}" for number in range(count)]


class Log:
    """What Postfix logs of a day's mail, in the order of time. A fate is "" (delivered), DEAD, or why each attempt is deferred."""

    def __init__(self, seed):
        self.dice, self.messages, self.lines = random.Random(seed), 0, []

    def mail(self, day, to, fate_of):
        """In the three hours from eight o'clock on, of that day."""
        to = sorted(to)
        self.dice.shuffle(to)
        for first in range(0, len(to), TOGETHER):
            entered = MONDAY + day * DAY + 8 * HOUR + self.dice.randrange(3 * HOUR)
            self.message(entered, [(address, fate_of(address)) for address in to[first : first + TOGETHER]])

    def message(self, entered, sends):
        self.messages += 1
        queue_id = f"A{self.messages:09X}"
        self.add(entered, "qmgr", queue_id, f"from=<news@sender.example>, size=400, nrcpt={len(sends)} (queue active)")
        for address, fate in sends:
            if fate == "":
                self.attempt(entered, entered + 2, queue_id, address, "sent", ("host", "2.0.0", "250 2.0.0 Ok"))
            elif fate == DEAD:
                self.attempt(entered, entered + 2, queue_id, address, "bounced", ("host", "5.1.1", DEAD))
            else:
                for after in (2, *RETRIES):
                    self.attempt(entered, entered + after, queue_id, address, "deferred", fate)
        last = entered + 3
        if any(fate not in ("", DEAD) for _, fate in sends):
            last = entered + LIFETIME
            self.add(last, "qmgr", queue_id, "from=<news@sender.example>, status=expired, returned to sender")
        self.add(last, "qmgr", queue_id, "removed")

    def attempt(self, entered, at, queue_id, address, status, said):
        relay, dsn, words = said
        mx = f"mx.{address.partition('@')[2]}"
        words = words.format(address, to=address, mx=mx)
        if relay == "host":
            relay = f"{mx}[192.0.2.1]:25"
            words = f"host {mx}[192.0.2.1] said: {words} (in reply to RCPT TO command)" if status != "sent" else words
        delay = f"delay={at - entered}, delays=0/0/0/{at - entered}"
        self.add(at, "smtp", queue_id, f"to=<{address}>, relay={relay}, {delay}, dsn={dsn}, status={status} ({words})")

    def add(self, at, service, queue_id, text):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at))
        self.lines.append((at, f"{stamp} mta1 postfix/{service}[7]: {queue_id}: {text}"))

    def up_to(self, moment):
        """Takes out the lines of that time."""
        self.lines.sort(key=lambda line: line[0])
        count = sum(at < moment for at, _ in self.lines)
        taken, self.lines = self.lines[:count], self.lines[count:]
        return [text for _, text in taken]


class HostAway(unittest.TestCase):
    def setUp(self):
        folder = WorkFolder()
        self.addCleanup(folder.cleanup)
        self.database = ListDatabase(folder.name, transaction=20_000)
        self.path = os.path.join(folder.name, "list.db")
        self.log = Log(1)

    def rows(self, statement):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as database:
            return database.execute(statement).fetchall()

    def entries(self):
        """Address to what and when, in days."""
        rows = self.rows("SELECT address, kind, state, since FROM suppression")
        return {address: (kind, state, (since - MONDAY) // DAY) for address, kind, state, since in rows}

    def read_day(self, day):
        self.database.read(self.log.up_to(MONDAY + (day + 1) * DAY))

    def play(self, to, fate_of, expected_of):
        """Mail on each day; no entry but those of `expected_of(day)`, at the end of each day."""
        for day in range(BACK + 1):
            self.log.mail(day, to, lambda address, day=day: fate_of(address, day))
            self.read_day(day)
            self.assertEqual(set(self.entries()), set(expected_of(day)), f"day {day}")
        self.read_day(BACK + 2)

    def host_away(self, fate_when_away):
        to = readers("away.example", SIZE)
        died = set(self.log.dice.sample(to, 3))

        def fate(address, day):
            if day in AWAY:
                return fate_when_away()
            return DEAD if day >= AWAY.stop and address in died else ""

        self.play(to, fate, lambda day: died if day >= AWAY.stop else ())
        self.assertEqual(self.entries(), {address: ("hard", "active", AWAY.stop) for address in died})
        self.assertEqual(self.rows("SELECT * FROM v_streak"), [], "deliveries ended all streaks")

    def test_no_one_is_suppressed_while_a_host_does_not_answer_for_four_days(self):
        self.host_away(lambda: TIMEOUT)

    def host_that_takes(self, share):
        self.host_away(lambda: "" if self.log.dice.random() < share else self.log.dice.choice((TIMEOUT, BUSY, GREY, VAGUE)))

    def test_no_one_is_suppressed_while_a_host_takes_one_percent(self):
        self.host_that_takes(0.01)

    def test_no_one_is_suppressed_while_a_host_takes_half(self):
        self.host_that_takes(0.5)

    def test_no_one_is_suppressed_while_a_host_takes_80_percent(self):
        self.host_that_takes(0.8)

    def test_who_always_fails_beside_others_that_get_their_mail_is_suppressed(self):
        to = readers("well.example", 200)
        stuck = {to[0]: BUSY, to[1]: VAGUE}
        self.play(to, lambda address, _: stuck.get(address, ""), lambda day: stuck if day >= 3 else ())
        self.assertEqual(self.entries(), dict.fromkeys(stuck, ("soft", "active", 3)))

    def test_domains_that_never_come_back_are_suppressed_in_the_second_week(self):
        gone = {f"gone{number}.example": why for number, why in enumerate((TIMEOUT, BUSY, GREY))}
        to = [address for domain in (*gone, "well.example") for address in readers(domain, 30)]
        for day in range(15):
            refused = {address.partition("@")[2] for address in self.entries()}
            mailed = [address for address in to if address.partition("@")[2] not in refused]
            away = day in range(2, 15)
            self.log.mail(day, mailed, lambda to, away=away: gone.get(to.partition("@")[2], "") if away else "")
            self.read_day(day)
        self.assertEqual(self.entries(), {f"@{domain}": ("soft", "active", 10) for domain in gone})
        [(begin, end)] = self.rows("SELECT DISTINCT date(since, 'unixepoch'), (until - since) / 86400 FROM suppression")
        self.assertEqual(end, 30, begin)


if __name__ == "__main__":
    unittest.main()
