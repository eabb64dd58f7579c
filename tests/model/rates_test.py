"""Rates of a generated log of 30 days, against a count that is made independently from its lines: each
dimension, day by day.

SUPPRESSD_BIN=build/.../src MAKE_LOG=build/.../make_log python3 -B tests/model/rates_test.py. The log is read
at once, in pieces by processes that are killed at random moments, and, as another stream, a second time, when
the milter's notes of tags are used up.
"""

import calendar
import collections
import os
import random
import re
import sqlite3
import subprocess
import sys
import time

from list_database import SUPPRESSCTL, WorkFolder

LINES, SEED, ADDRESSES, MESSAGES_A_DAY = 220_000, 7, 3_000, 1_000
SENDERS = ("news@mail.shop.example", "shop@shop.example", "post@other.example")
COUNTS = ("sent", "delivered", "dead", "again", "soft", "blocked", "other", "excused")
TAGS = ("campaign", "source", "account")
BOUNCED = {"5.1.1": "dead", "5.4.4": "dead", "5.7.1": "blocked"}
LINE = re.compile(r"(\w{3} +\d+ [\d:]{8}) \S+ postfix/(\w+)\[\d+\]: ([0-9A-F]+): (.*)")
ATTEMPT = re.compile(r"to=<([^>]*)>, relay=([^\[,]*).*?dsn=([\d.]+), status=(\w+)")


def tags_of(queue_id):
    """campaign, source, account: a third of the messages has none, others have some."""
    number = int(queue_id[:9], 16)
    if number % 3 == 0:
        return "", "", ""
    return f"c{number % 7}", "" if number % 5 == 0 else f"list {number % 4}", f"shop{number % 2}"


def organisation(name):
    """Enough for the names in the log."""
    return ".".join(name.split(".")[-2:])


def generated():
    """Each queue id gets one of the senders."""
    arguments = [os.environ["MAKE_LOG"], str(LINES), str(SEED), str(ADDRESSES), str(MESSAGES_A_DAY)]
    log = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout

    def with_sender(found):
        return f"{found[1]}: from=<{SENDERS[int(found[1][:5], 16) % 3]}>"

    return re.sub(r"([0-9A-F]{10}): from=<news@app\.example>", with_sender, log)


def entries(log):
    for line in log.splitlines():
        found = LINE.match(line)
        if found and found[4].startswith("client="):
            yield found[3], calendar.timegm(time.strptime(f"2026 {found[1]}", "%Y %b %d %H:%M:%S"))


def ended_sends(log):
    """(entered, at, queue id, sender's domain, provider, address, what became of it)"""
    open_messages = {}
    for line in log.splitlines():
        found = LINE.match(line)
        if not found:
            continue
        stamp, _, queue_id, text = found.groups()
        at = calendar.timegm(time.strptime(f"2026 {stamp}", "%Y %b %d %H:%M:%S"))
        if text.startswith("client="):
            open_messages[queue_id] = {"entered": at, "sender": None, "deferred": {}}
        message = open_messages.get(queue_id)
        if message is None:  # a bounce
            continue
        if text == "removed":
            del open_messages[queue_id]
        elif sender := re.match(r"from=<([^>]*)>", text):
            message["sender"] = organisation(sender[1].rpartition("@")[2])
            if "status=expired" in text:
                for address, provider in message["deferred"].items():
                    yield message["entered"], at, queue_id, message["sender"], provider, address, "soft"
                message["deferred"] = {}
        elif attempt := ATTEMPT.match(text):
            address, relay, status, word = attempt.groups()
            provider = organisation(address.rpartition("@")[2] if relay == "none" else relay)
            message["deferred"].pop(address, None)
            if word == "deferred":
                message["deferred"][address] = provider
            else:
                became = "delivered" if word == "sent" else BOUNCED[status]
                yield message["entered"], at, queue_id, message["sender"], provider, address, became


def counted(log):
    rates = collections.defaultdict(collections.Counter)
    dead = set()
    for entered, _, queue_id, sender, provider, address, became in sorted(ended_sends(log)):
        day = time.strftime("%Y-%m-%d", time.gmtime(entered))
        if became == "dead":
            became = "again" if (address, day, sender) in dead else "dead"
            dead.add((address, day, sender))
        names = {"sender-domain": sender, "provider": provider, "sender-domain+provider": f"{sender}/{provider}"}
        names |= {name: tag for name, tag in zip(TAGS, tags_of(queue_id)) if tag}
        for dimension, name in names.items():
            rates[dimension, name, day].update(("sent", became))
    return {key: tuple(counts[name] for name in COUNTS) for key, counts in rates.items()}


def stored(database):
    with sqlite3.connect(database) as connection:
        rows = connection.execute(f"SELECT dimension, name, day, {', '.join(COUNTS)} FROM v_rate")
        return {tuple(row[:3]): tuple(row[3:]) for row in rows}


class Reading:
    def __init__(self, folder):
        self.folder, self.database = folder, os.path.join(folder, "list.db")
        self.config = os.path.join(folder, "suppressd.conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write('[source]\ntimezone = "UTC"\n')

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        # The year of its lines.
        os.utime(path, (calendar.timegm((2026, 3, 1, 0, 0, 0)),) * 2)
        return path

    def note_tags(self, log):
        """As the milter does, before the log is read."""
        subprocess.run([SUPPRESSCTL, "--config", self.config, "--db", self.database, "add", "a@b.example"],
                       check=True, stdout=subprocess.DEVNULL)
        notes = {(queue_id, entered): tags_of(queue_id) for queue_id, entered in entries(log)}
        with sqlite3.connect(self.database) as connection:
            connection.executemany("INSERT INTO tag_note VALUES (?, ?, ?, ?, ?, ?, '')",
                                   [(*key, key[1], *tags) for key, tags in notes.items() if any(tags)])

    def replay(self, path, *options, killed_after=None):
        process = subprocess.Popen(
            [SUPPRESSCTL, "--config", self.config, "--db", self.database, "replay", *options, path],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            _, error = process.communicate(timeout=killed_after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return False
        if process.returncode != 0:
            raise SystemExit(f"replay of {path}: {error}")
        return True


def differences(expected, found):
    keys = sorted(expected.keys() | found.keys())
    return [f"{key}: counted {expected.get(key)}, stored {found.get(key)}" for key in keys
            if expected.get(key) != found.get(key)]


def read_whole(log, folder):
    reading = Reading(folder)
    reading.note_tags(log)
    reading.replay(reading.file("mail.log", log))
    return stored(reading.database)


def read_in_killed_pieces(log, folder):
    reading = Reading(folder)
    reading.note_tags(log)
    moments, lines = random.Random(SEED), log.splitlines(keepends=True)
    for end in range(0, len(lines), 20_000):
        path = reading.file("mail.log", "".join(lines[: end + 20_000]))
        while not reading.replay(path, "--transaction", "3000", killed_after=moments.uniform(0.05, 0.5)):
            if moments.random() < 0.2:  # a slow machine
                reading.replay(path, "--transaction", "3000")
                break
    return stored(reading.database)


def read_twice(log, folder):
    reading = Reading(folder)
    reading.note_tags(log)
    reading.replay(reading.file("mail.log", log))
    first = log.split("\n", 1)[0]
    reading.replay(reading.file("again.log", re.sub(r"\]: .*", "]: another stream", first) + "\n" + log))
    return stored(reading.database)


if __name__ == "__main__":
    mail_log = generated()
    truth = counted(mail_log)
    days = {day for _, _, day in truth}
    if len(days) < 30 or sum(counts[0] for counts in truth.values()) < 60_000:
        sys.exit(f"the log has {len(days)} days only")
    wrong = 0
    for way in (read_whole, read_in_killed_pieces, read_twice):
        with WorkFolder() as work:
            begin = time.monotonic()
            differ = differences(truth, way(mail_log, work))
        wrong += len(differ)
        print(f"{way.__name__}: {len(differ)} of {len(truth)} rows differ, {time.monotonic() - begin:.0f} s")
        print("\n".join(differ[:5]), end="\n" if differ else "")
    sys.exit(1 if wrong else 0)
