"""Random logs of two hosts, read in many orders and pieces: `suppressctl dump --list` is byte for byte the same.

Run by hand: SUPPRESSD_BIN=build/.../src python3 -B tests/model/order_test.py [PROGRAMS]. SUPPRESSD_MODEL_SEED begins there (a program that
fails prints its seed). With --burst 3 the brake holds after three hard failures. Many programs, each with addresses and providers of its
own, are read as one log; one that fails is made as small as it goes and shown. Where a piece that is read again begins between a message's
`from=<>` and its attempt, nothing tells that it is a bounce: with --overlap no message has the null sender.
"""

import argparse
import collections
import datetime
import difflib
import os
import random
import re
import subprocess
import sys
import tempfile

SUPPRESSCTL = os.path.join(os.environ.get("SUPPRESSD_BIN", "build/default/src"), "suppressctl")
BEGIN = int(datetime.datetime(2025, 9, 1, tzinfo=datetime.timezone.utc).timestamp())
MINUTE, HOUR, DAY = 60, 3600, 86400
HOSTS = ("mta1", "mta2")
ADDRESSES = ("anna@a{}.example", "bea@a{}.example", "carl@b{}.example", "dora@c{}.example")
MOST = 100  # messages of a program

HARD = ("5.1.1", "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table")
WEAK = ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)")
VAGUE = ("5.0.0", "550 no")
FULL = ("5.2.2", "552 5.2.2 <{to}>: The email account that you tried to reach is over quota")
POLICY = ("5.7.1", "554 5.7.1 Service unavailable; client blocked using zen.spamhaus.org")
LATER = ("4.2.2", "452 4.2.2 <{to}>: The email account that you tried to reach is over quota, please try again later")
GREY = ("4.2.0", "450 4.2.0 <{to}>: Recipient address rejected: Greylisted")
NO_DOMAIN = "Host or domain name not found. Name service error for name={domain} type=AAAA: Host not found"
BOUNCES = {"hard": HARD, "weak": WEAK, "vague": VAGUE, "full": FULL, "policy": POLICY}

Message = collections.namedtuple("Message", "number host entered sender recipients")
# fate: what ends it; attempts: offsets of the deferred attempts; end: offset of the end
Fate = collections.namedtuple("Fate", "to fate attempts end grey")


def program(seed):
    """The messages of a log of all hosts."""
    dice = random.Random(seed)
    span = dice.choice((2 * HOUR, 3 * DAY, 30 * DAY, 120 * DAY, 380 * DAY))
    grid = dice.choice((1, 1, 5 * MINUTE, HOUR, 16 * HOUR))  # a coarse one makes events of the same second
    addresses = [address.format(seed) for address in ADDRESSES[: dice.randrange(1, len(ADDRESSES) + 1)]]
    fates = ["sent", "hard", "weak", "vague", "full", "policy", "no-domain", "expired", "stays"]
    weights = [dice.choice((0, 1, 3)) for _ in fates]
    weights[dice.randrange(len(fates))] += 2
    messages = []
    for number in range(dice.randrange(2, 30)):
        entered = BEGIN + dice.randrange(span) // grid * grid
        recipients = []
        for to in dice.sample(addresses, dice.choice((1, 1, 1, 2)) if len(addresses) > 1 else 1):
            fate = dice.choices(fates, weights)[0]
            attempts = []
            kind = dice.random()
            if kind < 0.25 or fate in ("expired", "stays"):
                attempts = sorted({dice.randrange(1, 2 * HOUR) for _ in range(dice.randrange(1, 4))})
            if kind > 0.85:  # as long as soft.retry_window
                attempts = [1, HOUR, 50 * HOUR, 72 * HOUR + dice.randrange(1, 3 * HOUR)]
            end = (attempts[-1] if attempts else 0) + dice.choice((0, 1, 2, dice.randrange(1, HOUR), dice.randrange(1, 20 * HOUR)))
            recipients.append(Fate(to, fate, tuple(attempts), end, dice.random() < 0.3))
        messages.append(Message(seed * MOST + number, dice.choice(HOSTS), entered, "" if dice.random() < 0.05 and not Runs.overlap else "news@sender.example", tuple(recipients)))
    return messages


def lines_of(message):
    """(time, rank, host, text) of a message's log lines."""
    host, entered = message.host, message.entered
    queue_id = f"A{message.number:09X}{HOSTS.index(host)}"

    def line(offset, rank, service, text):
        at = datetime.datetime.fromtimestamp(entered + offset, datetime.timezone.utc)
        return entered + offset, (message.number, rank), host, f"{at:%Y-%m-%dT%H:%M:%S}+00:00 {host} postfix/{service}[77]: {queue_id}: {text}"

    def attempt(fate, offset, status, dsn, words, relay=True):
        domain = fate.to.partition("@")[2]
        via = f"mx.{domain}[192.0.2.1]:25" if relay else "none"
        said = f"host mx.{domain}[192.0.2.1] said: {words} (in reply to RCPT TO command)" if relay else words
        said = said.format(to=fate.to, domain=domain)
        return line(
            offset, 3, "smtp", f"to=<{fate.to}>, relay={via}, delay={offset}, delays=0/0/0/{offset}, dsn={dsn}, status={status} ({said})"
        )

    lines = [
        line(0, 0, "smtpd", "client=unknown[127.0.0.1]"),
        line(0, 1, "cleanup", f"message-id=<{queue_id}@{host}>"),
        line(0, 2, "qmgr", f"from=<{message.sender}>, size=400, nrcpt={len(message.recipients)} (queue active)"),
    ]
    ends, stays = [], False
    for fate in message.recipients:
        for offset in fate.attempts:
            dsn, words = GREY if fate.grey else LATER
            lines.append(attempt(fate, offset, "deferred", dsn, words))
        ends.append(max([fate.end, *fate.attempts]))
        if fate.fate == "sent":
            domain = fate.to.partition("@")[2]
            lines.append(
                line(
                    fate.end,
                    4,
                    "smtp",
                    f"to=<{fate.to}>, relay=mx.{domain}[192.0.2.1]:25, delay={fate.end}, delays=0/0/0/{fate.end}, dsn=2.0.0, "
                    "status=sent (250 2.0.0 Ok: queued as 12345)",
                )
            )
        elif fate.fate in BOUNCES:
            dsn, words = BOUNCES[fate.fate]
            lines.append(attempt(fate, fate.end, "bounced", dsn, words))
        elif fate.fate == "no-domain":
            lines.append(attempt(fate, fate.end, "bounced", "5.4.4", NO_DOMAIN, relay=False))
        else:
            stays = True
    if stays and any(fate.fate == "expired" for fate in message.recipients):
        lines.append(line(max(ends), 5, "qmgr", f"from=<{message.sender}>, status=expired, returned to sender"))
        stays = False
    if not stays:
        lines.append(line(max(ends), 6, "qmgr", "removed"))
    return lines


class Runs:
    """What one program comes to, by every way of reading it."""

    overlap = False  # Also pieces that were read before.

    def __init__(self, messages, burst):
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.burst = burst
        self.messages = messages
        every = sorted((line for message in messages for line in lines_of(message)), key=lambda line: (line[0], line[1]))
        self.merged = [text for _, _, _, text in every]
        self.of_host = {host: [text for _, _, own, text in every if own == host] for host in HOSTS}
        self.cut_calmly(every)

    def cut_calmly(self, every):
        """Two halves of the log, each program's cut where none of its messages is open; all in the first half where there is no such
        place."""
        of_program = collections.defaultdict(list)
        for line in every:
            of_program[line[1][0] // MOST].append(line)
        stay = {message.number for message in self.messages if not lines_of(message)[-1][3].endswith("removed")}
        earlier, later = [], []
        for lines in of_program.values():
            first, last = {}, {}
            for place, (_, (number, _), _, _) in enumerate(lines):
                first.setdefault(number, place)
                last[number] = place if number not in stay else len(lines)
            calm = [place for place in range(1, len(lines)) if all(first[n] >= place or last[n] < place for n in first)]
            cut = min(calm, key=lambda place, middle=len(lines) / 2: abs(place - middle), default=len(lines))
            earlier += lines[:cut]
            later += lines[cut:]
        self.earlier, self.later = ([text for _, _, _, text in sorted(half)] for half in (earlier, later))

    def parts(self, count):
        size = len(self.merged)
        return [part for n in range(count) if (part := self.merged[n * size // count : (n + 1) * size // count])]

    def ways(self):
        a, b = (self.of_host[host] for host in HOSTS)
        yield "merged by time", [self.merged]
        yield "first host, second host", [a, b]
        yield "second host, first host", [b, a]
        yield "in halves", self.parts(2)
        yield "in ten parts", self.parts(10)
        yield "twice", [self.merged, self.merged]
        yield "first host, then all", [a, self.merged]
        yield "all, then second host", [self.merged, b]
        yield "later half first, no message open between", [self.later, self.earlier]
        if self.overlap:
            piece = lambda begin, end: self.merged[len(self.merged) * begin // 100 : len(self.merged) * end // 100]
            yield "overlapping, in order", [piece(0, 55), piece(45, 100)]
            yield "an old piece again", [piece(0, 60), piece(20, 50), piece(60, 100)]
            yield "the beginning twice", [piece(0, 60), piece(10, 40), piece(30, 100)]
            yield "the middle, then all", [piece(30, 70), self.merged]

    def list_after(self, streams):
        database = os.path.join(self.folder.name, "list.db")
        for end in ("", "-wal", "-shm"):
            if os.path.exists(database + end):
                os.unlink(database + end)
        config = os.path.join(self.folder.name, "suppressd.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[hard]\nburst = {self.burst}\n")
        options = ("--config", config, "--db", database)
        for number, stream in enumerate(streams):
            if not stream:
                continue
            log = os.path.join(self.folder.name, f"{number}.log")
            with open(log, "w", encoding="utf-8") as file:
                file.writelines(line + "\n" for line in stream)
            self.ctl(*options, "replay", log)
        return self.ctl(*options, "dump", "--list")

    def ctl(self, *words):
        done = subprocess.run([SUPPRESSCTL, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def differences(self, only=None):
        """(way, expected, found) of each way that gives another list."""
        expected = None
        for way, streams in self.ways():
            if expected is not None and only not in (None, way):
                continue
            found = self.list_after(streams)
            if expected is None:
                expected = found
            elif found != expected:
                yield way, expected, found


def programs_of(expected, found):
    """Which programs the lines belong to that are not the same."""
    lines = set(expected.splitlines()) ^ set(found.splitlines())
    return {int(seed) for line in lines for seed in re.findall(r'"address":"[^"]*@[abc](\d+)\.example"', line)}


def differs(messages, burst, way=None):
    return bool(messages) and any(Runs(messages, burst).differences(way))


def simpler(message):
    """Messages that are a little less than this one."""
    if len(message.recipients) > 1:
        for fate in message.recipients:
            yield message._replace(recipients=(fate,))
    for place, fate in enumerate(message.recipients):
        for less in range(len(fate.attempts)):
            fates = list(message.recipients)
            fates[place] = fate._replace(attempts=fate.attempts[:less] + fate.attempts[less + 1 :])
            yield message._replace(recipients=tuple(fates))


def smallest(messages, burst, way):
    shrinks = True
    while shrinks:
        shrinks = False
        for place in range(len(messages) - 1, -1, -1):
            less = messages[:place] + messages[place + 1 :]
            if differs(less, burst, way):
                messages, shrinks = less, True
        for place, message in enumerate(messages):
            for other in simpler(message):
                less = messages[:place] + [other] + messages[place + 1 :]
                if differs(less, burst, way):
                    messages, shrinks = less, True
                    break
    return messages


def tell(seed, way, messages, burst):
    print(f"--- SUPPRESSD_MODEL_SEED={seed}: another list: {way}")
    messages = smallest(messages, burst, way)
    runs = Runs(messages, burst)
    _, expected, found = next(runs.differences(way))
    for host in HOSTS:
        print("\n".join(runs.of_host[host]))
    lines = difflib.unified_diff(expected.splitlines(), found.splitlines(), "merged by time", way, n=0, lineterm="")
    print("\n".join(lines), flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("programs", nargs="?", type=int, default=100)
    options.add_argument("--burst", type=int, default=0, help="hard.burst; 0: no brake")
    options.add_argument("--differences", type=int, default=3, help="how many programs to show that differ, each in another way")
    options.add_argument("--together", type=int, default=100, help="programs in one log")
    options.add_argument("--overlap", action="store_true", help="also read pieces again, which begin and end in the middle of messages")
    given = options.parse_args()
    Runs.overlap = given.overlap
    first = int(os.environ.get("SUPPRESSD_MODEL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
    wrong = collections.defaultdict(set)  # way to seeds
    for start in range(first, first + given.programs, given.together):
        seeds = range(start, min(start + given.together, first + given.programs))
        runs = Runs([message for seed in seeds for message in program(seed)], given.burst)
        for way, expected, found in runs.differences():
            wrong[way] |= programs_of(expected, found)
    told = 0
    for way, seeds in wrong.items():
        for seed in sorted(seeds, key=lambda seed: len(program(seed))):
            if told < given.differences and differs(program(seed), given.burst, way):
                tell(seed, way, program(seed), given.burst)
                told += 1
                break
    different = set().union(*wrong.values())
    ways = ", ".join(f"{way}: {len(seeds)}" for way, seeds in wrong.items())
    print(f"{given.programs - len(different)} of {given.programs} programs from seed {first} give one list. {ways}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
