"""Mail to addresses of which the truth is known: who is alive, who died when, and which failures are the
provider's fault.

A Traffic is told who is mailed when, and writes the log that Postfix writes: messages of up to 20 recipients,
one line per send. It is a function of its seed.
"""

import bisect
import collections
import datetime
import functools
import math
import random
import time
import typing

MINUTE, HOUR, DAY = 60, 3600, 86400
MONDAY = int(datetime.datetime(2025, 9, 1, tzinfo=datetime.timezone.utc).timestamp())
NEVER = math.inf

DEAD = "550 5.1.1 <{}>: Recipient address rejected: User unknown in virtual mailbox table"
ICLOUD = "550 5.1.1 <{}>: user lookup success but no user record found"

# How much of a day's mail each hour has; a letter goes out in three hours.
ALL_DAY = (3, 2, 2, 2, 3, 5, 8, 12, 16, 18, 18, 16, 15, 15, 15, 15, 14, 13, 12, 11, 10, 8, 6, 4)
MORNING = (0,) * 9 + (1,) * 3 + (0,) * 12

MOST_RECIPIENTS, LONGEST_MESSAGE = 20, 5 * MINUTE


class Outage(typing.NamedTuple):
    """A time in which the provider says of living addresses that they do not exist."""

    since: int
    until: int
    addresses: frozenset
    text: str = DEAD


class Send(typing.NamedTuple):
    at: int
    to: str
    text: str  # of the server, if it fails


def addresses(name, domains, count):
    """`count` addresses; `domains`: domain to its share of them."""
    return [f"{name}{n}@{domain}" for domain, share in domains.items() for n in range(round(count * share))]


def domain_of(address):
    return address.partition("@")[2]


class Traffic:
    """First who is mailed, who dies, and the outages; then the log."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.relays = {}  # domain to its relay
        self.died = {}  # dead address to when it died; 0: it never existed
        self.outages = []
        self.again_after = {}  # address to how long it is not mailed after its first failure
        self.failures = collections.defaultdict(list)  # address to its failures in the log so far: (at, line)
        self._mailed = []  # (at, address)
        self._written = 0  # sends that are in the log
        self._queue_id, self._entered, self._left = "", 0, 0  # the open message; recipients that are to come

    def host(self, provider, domains):
        self.relays.update((domain, f"mx.{provider}[192.0.2.1]") for domain in domains)

    def let_die(self, of, since, until, a_day=0.0003):
        """That share of them a day, at random."""
        dying = self.dice.sample(of, round(len(of) * a_day * (until - since) / DAY))
        self.died.update((address, self.dice.randrange(since, until)) for address in dying)

    def mail(self, day, to, hours=ALL_DAY):
        """One send to each address, in the day that begins then."""
        to = list(to)
        self.dice.shuffle(to)
        begins = self.dice.choices(range(24), hours, k=len(to))
        times = (day + hour * HOUR + int(HOUR * self.dice.random()) for hour in begins)
        self._mailed += zip(times, to)

    @functools.cached_property
    def sends(self):
        """In order of time, with what becomes of them."""
        suspects = set(self.died).union(*(outage.addresses for outage in self.outages))
        first_failures, sends = {}, []
        for at, address in sorted(self._mailed):
            text = ""
            if address in suspects:
                if at - first_failures.get(address, -NEVER) < self.again_after.get(address, 0):
                    continue
                text = self._failure(at, address)
                if text:
                    first_failures.setdefault(address, at)
            sends.append(Send(at, address, text))
        return sends

    def is_alive(self, address, at):
        return self.died.get(address, NEVER) > at

    def _failure(self, at, address):
        if not self.is_alive(address, at):
            return DEAD
        return next((o.text for o in self.outages if o.since <= at < o.until and address in o.addresses), "")

    def false_failures(self, since=0):
        failed = (send for send in self.sends if send.text and send.at >= since)
        return [send for send in failed if self.is_alive(send.to, send.at)]

    def log_up_to(self, moment):
        """The lines from where the last call ended; `moment` is included."""
        begin, self._written = self._written, bisect.bisect_right(self.sends, (moment, "~"), self._written)
        lines = []
        for place in range(begin, self._written):
            self._write(lines, place)
        return lines

    def _write(self, lines, place):
        at, address, text = self.sends[place]
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00 mta1 postfix/", time.gmtime(at))
        if not self._left:
            self._entered, self._queue_id = at, f"A{place:09X}"
            together = self.sends[place : place + MOST_RECIPIENTS]
            self._left = sum(send.at - at <= LONGEST_MESSAGE for send in together)
            of = f"from=<news@sender.example>, size=400, nrcpt={self._left} (queue active)"
            lines.append(f"{stamp}qmgr[7]: {self._queue_id}: {of}")
        self._left -= 1
        relay, delay = self.relays[domain_of(address)], at - self._entered
        line = f"{stamp}smtp[7]: {self._queue_id}: to=<{address}>, relay={relay}:25, "
        line += f"delay={delay}, delays=0/0/0/{delay}, "
        if text:
            said = f"host {relay} said: {text.format(address)} (in reply to RCPT TO command)"
            line += f"dsn=5.1.1, status=bounced ({said})"
            self.failures[address].append((at, line))
        else:
            line += "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
        lines.append(line)
        if not self._left:
            lines.append(f"{stamp}qmgr[7]: {self._queue_id}: removed")
