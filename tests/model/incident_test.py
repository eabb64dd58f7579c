"""Outages, bad lists and ordinary months, of which the truth is known: whom the list refuses, and which
incidents it finds.

SUPPRESSD_BIN=build/.../src python3 -B tests/model/incident_test.py [--all] [NAME...]. Without --all (or a
SUPPRESSD_MODEL_PROGRAMS of more than 1,000) it runs the small ones only. A scenario that fails says for how many addresses, and
shows three of them with their log lines.
"""

import argparse
import contextlib
import difflib
import hashlib
import os
import sqlite3
import sys
import time
import typing

from list_database import ListDatabase, WorkFolder
from outage_traffic import ALL_DAY, DAY, DEAD, HOUR, ICLOUD, MINUTE, MONDAY, MORNING, NEVER
from outage_traffic import Outage, Traffic, addresses, domain_of
from own_traffic import NO_ANSWER, NO_SUCH_DOMAIN, RESOLVER_FAILS, SENT, OwnLog, refused
from ways_of_reading import KILLED, again, parts

PROVIDER, OTHER = "provider.example", "other.example"
HOSTED = {"a.example": 0.5, "b.example": 0.3, "c.example": 0.2}  # domain to its share of the addresses
BEGIN = MONDAY + 21 * DAY
NO_INCIDENTS = "[incident]\nprovider = false\n"
SHOWN = 3


def clock(moment):
    return moment and time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment))


def at(moment):
    return f"at {clock(moment)}" if moment < NEVER else "at the end"


class Incident(typing.NamedTuple):
    provider: str
    domain: str
    since: int
    opened: int
    closed: typing.Optional[int]

    def __str__(self):
        of = self.domain or f"{self.provider} as a whole"
        return f"{of}: since {clock(self.since)}, opened {clock(self.opened)}, closed {clock(self.closed)}"


class Reading(contextlib.AbstractContextManager):
    """A log that is read step by step, and what is wrong in the list against the truth."""

    def __init__(self, traffic, burst=200, keys=""):
        self.traffic, self.wrong, self.facts = traffic, [], []
        self.folder = WorkFolder()
        self.database = ListDatabase(self.folder.name, burst, keys=keys, transaction=1_000_000)

    def __exit__(self, *_):
        self.folder.cleanup()

    def read_up_to(self, moment):
        self.database.read(self.traffic.log_up_to(moment))

    def rows(self, statement, *values):
        path = os.path.join(self.database.folder, "list.db")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute(statement, values).fetchall()

    def entries(self, state="active"):
        return {address for (address,) in self.rows("SELECT address FROM suppression WHERE state = ?", state)}

    def incidents(self):
        of_providers = "FROM incident WHERE kind = 'provider' ORDER BY since, provider, domain"
        try:
            rows = self.rows(f"SELECT {', '.join(Incident._fields)} {of_providers}")
        except sqlite3.OperationalError as error:
            self.wrong.append(str(error))
            return []
        return [Incident(*row) for row in rows]

    def expect_none(self, of, what):
        """`of`: addresses."""
        if of:
            examples = [line for address in sorted(of)[:SHOWN] for line in self.told(address)]
            self.wrong.append("\n    ".join([f"{what}: {len(of)} addresses", *examples]))

    def told(self, address):
        died = self.traffic.died.get(address)
        truth = "alive" if died is None else f"dead since {clock(died)}" if died else "never existed"
        entries = self.rows("SELECT kind, state, since FROM suppression WHERE address = ?", address)
        found = ", ".join(f"{kind} {state} since {clock(since)}" for kind, state, since in entries)
        lines = [line for _, line in self.traffic.failures.get(address, ())]
        return [f"{address}: {truth}; {found or 'no entry'}", *lines]

    def failed(self, of):
        return {address for address in of if address in self.traffic.failures}

    def living_refused(self, moment=NEVER):
        """When the log is read up to that moment, or to its end."""
        moment = min(moment, self.traffic.sends[-1].at)
        return {address for address in self.entries() if self.traffic.is_alive(address, moment)}

    def expect_no_living_refused(self, when, moment=NEVER):
        self.expect_none(self.living_refused(moment), f"living and refused {when}")

    def expect_suppressed(self, dead, what):
        self.expect_none(set(dead) - self.entries(), f"{what}, and not suppressed")

    def expect_incidents(self, allowed, what):
        """`allowed`: their providers and domains; if there are any, one incident at least."""
        found = self.incidents()
        if {incident[:2] for incident in found} - allowed or (allowed and not found):
            self.wrong.append("\n    ".join([f"{what}: {len(found)} incidents", *map(str, found[:10])]))


# Outages


class Schedule(typing.NamedTuple):
    """When a provider is mailed; days and hours are from midnight before the outage."""

    days: tuple
    hours: tuple = ALL_DAY
    other_hours: dict = {}  # of some days


DAILY = Schedule(tuple(range(-3, 9)))
LATER = Schedule(tuple(range(-3, 10)))
WEEKLY = Schedule((-14, -7, 0, 7, 14), MORNING)
TWO_HOURS_A_DAY = Schedule(DAILY.days, (0,) * 10 + (1, 1) + (0,) * 12)
UNTIL_TWO, FROM_TEN = (1,) * 14 + (0,) * 10, (0,) * 10 + (1,) * 14
FIVE_DAYS_APART = Schedule((-3, -2, -1, 0, *range(5, 14)), other_hours={0: UNTIL_TWO, 5: FROM_TEN})


class Broken(typing.NamedTuple):
    """What is broken from 10:00 on, for some hours, and again `waves` hours after the first time."""

    share: float = 0  # of all addresses
    of: tuple = ()  # or all addresses of these domains
    hours: int = 4
    waves: tuple = (0,)
    text: str = DEAD

    def addresses(self, known, dice):
        if self.of:
            return frozenset(address for address in known if domain_of(address) in self.of)
        return frozenset(dice.sample(known, round(len(known) * self.share)))

    def outages(self, known, dice):
        of = self.addresses(known, dice)
        begins = [BEGIN + (10 + wave) * HOUR for wave in self.waves]
        return [Outage(begin, begin + self.hours * HOUR, of, self.text) for begin in begins]


def outage_traffic(seed, size, broken, schedule, hosted):
    """`size` known-good addresses at one provider, and a few at another. Some die all the time."""
    traffic = Traffic(seed)
    traffic.host(PROVIDER, hosted)
    traffic.host(OTHER, ("else.example",))
    known = addresses("known", hosted, size)
    typos = addresses("typo", hosted, max(5, size / 1000))
    elsewhere = addresses("known", {"else.example": 1}, max(20, size / 20))
    traffic.outages = broken.outages(known, traffic.dice)

    first, last = (BEGIN + day * DAY for day in (schedule.days[0], schedule.days[-1]))
    traffic.died = dict.fromkeys(typos, 0)
    traffic.let_die([*known, *elsewhere], first, last)
    for day in (-2, 0, 2):  # in a small one, too
        traffic.died[traffic.dice.choice(known)] = BEGIN + day * DAY + 10 * HOUR
    # The milter refuses the dead that are found far from the outage. Of the others, and of those that failed,
    # some are not mailed again, or only a week later.
    far = traffic.outages[0].since - (schedule.days[1] - schedule.days[0]) * DAY - 25 * HOUR
    for number, address in enumerate(sorted(traffic.died)):
        died = traffic.died[address]
        near = not died or far < died < traffic.outages[-1].until + 48 * HOUR
        traffic.again_after[address] = (0, 0, 7 * DAY, 7 * DAY, NEVER)[number % 5] if near else NEVER
    for address in sorted(traffic.outages[0].addresses)[::10]:
        traffic.again_after.setdefault(address, NEVER)

    for day in schedule.days:
        hours = schedule.other_hours.get(day, schedule.hours)
        traffic.mail(BEGIN + day * DAY, [*known, *elsewhere, *(typos if day >= 0 else ())], hours)
    return traffic


def looks(traffic, schedule, spared):
    """When to look at the list: often after each wave begins and ends, and before each day's mail, in which a
    delivery may end what should not have begun."""
    for outage, (begun, noticed) in zip(traffic.outages, spared):
        yield from (noticed, *(begun + minutes * MINUTE for minutes in (5, 15, 30, 60, 120)))
        yield from (outage.until + hours * HOUR for hours in (0, 1, 4, 12))
    yield from (BEGIN + day * DAY - 1 for day in schedule.days if day > 0)


def outage(seed, size, broken, within, schedule=DAILY, hosted=HOSTED, domains=None):
    """No living address is refused `within` seconds after a wave's first false failure, or later; None: from
    the third one on. `domains`: of the incidents; '' is the provider as a whole."""
    with Reading(outage_traffic(seed, size, broken, schedule, hosted)) as reading:
        traffic, spared, most_refused = reading.traffic, [], 0
        for wave in traffic.outages:
            failures = [send.at for send in traffic.false_failures(wave.since)]
            spared.append((failures[0], failures[2] if within is None else failures[0] + within))
        for moment in sorted({*looks(traffic, schedule, spared), NEVER}):
            reading.read_up_to(moment)
            refused = reading.living_refused(moment)
            most_refused = max(most_refused, len(refused))
            if not reading.wrong and not any(begin <= moment < end for begin, end in spared):
                reading.expect_none(refused, f"living and refused {at(moment)}")
        expect_dead_suppressed(reading, schedule)
        expect_incidents_of(reading, domains or ("", *hosted))
        reading.facts.append(f"at most {most_refused} living refused for a time")
        return reading


def expect_dead_suppressed(reading, schedule):
    """Those that were mailed again a week later, and those found long before or after the outage."""
    traffic = reading.traffic
    begin, end = traffic.outages[0].since - 25 * HOUR, traffic.outages[-1].until + 48 * HOUR
    mailed_next = next(day for day in schedule.days if BEGIN + day * DAY > traffic.outages[-1].until)
    end = max(end, BEGIN + (mailed_next + 1) * DAY)
    again, apart = [], []
    for address in reading.failed(traffic.died):
        times = [moment for moment, _ in traffic.failures[address]]
        died = [moment for moment in times if not traffic.is_alive(address, moment)]
        if died and died[-1] - died[0] >= 7 * DAY:
            again.append(address)
        if died == times and not begin < died[0] < end:
            apart.append(address)
    if not again or not apart:
        reading.wrong.append(f"the scenario has too few dead: {len(again)} and {len(apart)}")
    reading.expect_suppressed(again, "dead, and mailed again a week later")
    reading.expect_suppressed(apart, "dead, and found long before or after the outage")
    counts = len(traffic.false_failures()), len(again), len(apart)
    reading.facts.append("{} false failures, {} dead mailed a week later, {} apart".format(*counts))


def expect_incidents_of(reading, domains):
    traffic = reading.traffic
    reading.expect_incidents({(PROVIDER, domain) for domain in domains}, "of the outage")
    for incident in reading.incidents():
        wave = next((w for w in reversed(traffic.outages) if w.since <= incident.opened), traffic.outages[0])
        first = traffic.false_failures(wave.since)[0].at
        since, opened = (round((moment - first) / MINUTE) for moment in (incident.since, incident.opened))
        closed = incident.closed and round((incident.closed - wave.until) / HOUR, 1)
        of = incident.domain or "all"
        reading.facts.append(f"{of}: since {since} min, opened {opened} min, closed {closed} h after the end")
        if closed is None:
            reading.wrong.append(f"never closed: {incident}")


# Bad lists


def bought(seed, size, fresh, a_day=5000):
    """A list of addresses that were never delivered to, a quarter dead, in three hours. Beside daily mail to
    known-good ones they are suppressed at once; on a fresh install the brake holds them."""
    traffic = Traffic(seed)
    traffic.host(PROVIDER, HOSTED)
    known, of_list = addresses("known", HOSTED, 0 if fresh else a_day), addresses("bought", HOSTED, size)
    dead = traffic.dice.sample(of_list, size // 4)
    traffic.let_die(known, BEGIN - 3 * DAY, BEGIN + DAY)
    traffic.died.update(dict.fromkeys(dead, 0))
    for day in range(-3, 1):
        traffic.mail(BEGIN + day * DAY, known)
    traffic.mail(BEGIN, of_list, MORNING)
    with Reading(traffic) as reading:
        for moment in (*(BEGIN + 9 * HOUR + n * MINUTE for n in (20, 60, 90, 180)), NEVER):
            reading.read_up_to(moment)
            failed = reading.failed(dead)
            if not fresh and not reading.wrong:
                reading.expect_suppressed(failed, f"bought and dead, {at(moment)}")
        if fresh:
            reading.expect_none(failed - reading.entries("pending"), "bought and dead, and not pending")
        else:
            reading.expect_none(reading.entries("pending"), "pending")
        reading.expect_no_living_refused("at the end")
        reading.expect_incidents(set(), "bought addresses are no incident")
        reading.facts.append(f"{len(failed)} dead of {size}")
        return reading


def forgotten(seed, size, dead_share, a_day):
    """A list of known-good addresses of 100 to 170 days ago, in three hours, beside daily mail."""
    traffic, begin = Traffic(seed), MONDAY + 180 * DAY
    traffic.host(PROVIDER, HOSTED)
    known, of_list = addresses("known", HOSTED, a_day), addresses("forgotten", HOSTED, size)
    for ago in range(100, 170):
        traffic.mail(begin - ago * DAY, of_list[ago - 100 :: 70])
    dead = traffic.dice.sample(of_list, round(size * dead_share))
    traffic.died.update((address, begin - 50 * DAY) for address in dead)
    traffic.let_die(known, begin - 3 * DAY, begin + 2 * DAY)
    for day in range(-3, 2):
        traffic.mail(begin + day * DAY, known)
    traffic.mail(begin, of_list, MORNING)
    with Reading(traffic) as reading:
        for moment in (*(begin + hour * HOUR for hour in (10, 11, 12, 24)), NEVER):
            reading.read_up_to(moment)
            if not reading.wrong:
                reading.expect_suppressed(reading.failed(traffic.died), f"dead, {at(moment)}")
        reading.expect_none(reading.entries("pending"), "pending")
        reading.expect_no_living_refused("at the end")
        reading.expect_incidents(set(), "a forgotten list is no incident")
        reading.facts.append(f"{len(dead)} dead of {size}")
        return reading


# Ordinary mail


def ordinary_traffic(seed, days, sizes):
    """Daily mail, a letter on Mondays and one every 30 days, at a provider of each size (sends a day)."""
    traffic = Traffic(seed)
    for size in sizes:
        name = f"of{size}.example"
        domains = {name: 1}
        if size > 100:
            domains = {f"{part}.{name}": share for part, share in zip("abc", HOSTED.values())}
        traffic.host(name, domains)
        for letter, mailed, count, hours in (
            ("daily", range(days), 0.6 * size, ALL_DAY),
            ("weekly", range(0, days, 7), 0.35 * 7 * size, MORNING),
            ("monthly", range(3, days, 30), 0.05 * 30 * size, MORNING),
        ):
            newsletters(traffic, days, letter, mailed, addresses(letter, domains, count), hours)
    return traffic


def newsletters(traffic, days, name, mailed, to, hours):
    """0.03 % of the readers die a day, and as many sign up; one of a hundred who do mistypes the address."""
    traffic.let_die(to, MONDAY, MONDAY + days * DAY)
    for day in range(days):
        for number in range(int(len(to) * 0.0003 + traffic.dice.random())):
            domain = domain_of(traffic.dice.choice(to))
            to.append(f"{name}-{day}-{number}@{domain}")
            if traffic.dice.random() < 0.01:
                traffic.died[to[-1]] = 0
        if day in mailed:
            traffic.mail(MONDAY + day * DAY, to, hours)


def ordinary(seed, days, sizes, mailed_on=False):
    """Nothing happens. `mailed_on`: the dead are mailed on, as with milter.mode = monitor."""
    traffic = ordinary_traffic(seed, days, sizes)
    if not mailed_on:
        traffic.again_after = dict.fromkeys(traffic.died, NEVER)
    with Reading(traffic) as reading:
        reading.read_up_to(NEVER)
        failed = reading.failed(traffic.died)
        reading.expect_incidents(set(), "ordinary mail is no incident")
        reading.expect_no_living_refused("at the end")
        reading.expect_suppressed(failed, "dead")
        reading.facts.append(f"{len(traffic.sends)} sends, {len(failed)} found dead")
        return reading


# The guard off


def undone(seed, size, broken, schedule=DAILY, hosted=HOSTED):
    """Without incidents, an outage suppresses living addresses; an undo of its hours lifts them, and the dead
    are found again."""
    traffic = outage_traffic(seed, size, broken, schedule, hosted)
    with Reading(traffic, burst=0, keys=NO_INCIDENTS) as reading:
        first, last = traffic.outages[0], traffic.outages[-1]
        reading.read_up_to(last.until)
        refused = reading.living_refused(last.until)
        if len(refused) != len({send.to for send in traffic.false_failures()}):
            reading.wrong.append(f"only {len(refused)} living that failed are refused")
        hours = ("--since", f"@{first.since}", "--until", f"@{last.until}")
        reading.database.run("undo", *hours, "--provider", PROVIDER)
        reading.expect_no_living_refused("after the undo", last.until)
        reading.read_up_to(NEVER)
        reading.expect_no_living_refused("at the end")
        expect_dead_suppressed(reading, schedule)
        reading.facts.append(f"{len(refused)} living refused before the undo")
        return reading


# Ways of reading


def ways(seed, size, broken, schedule=DAILY, hosted=HOSTED):
    """In pieces, again and killed, an outage's log gives the same list and incidents."""
    traffic = outage_traffic(seed, size, broken, schedule, hosted)
    before = traffic.log_up_to(traffic.outages[0].since + HOUR)
    lines = before + traffic.log_up_to(NEVER)
    with Reading(traffic) as reading:
        expected = list_after(reading, [lines])
        if expected[0] == "0 incidents":
            reading.wrong.append("no incidents")
        for way, pieces in {
            "cut in the outage": [before, lines[len(before) :]],
            "in ten parts": parts(lines, 10),
            "twice": [lines, lines],
            "again as another log": [lines, again(lines)],
            KILLED: [lines],
        }.items():
            found = list_after(reading, pieces, shaken=way == KILLED)
            other = list(difflib.unified_diff(expected, found, "whole", way, n=0, lineterm=""))
            if other:
                reading.wrong.append("\n    ".join([f"{way}: {len(other)} lines differ", *other[:10]]))
        reading.facts.append(f"{expected[0]}, {len(lines)} lines")
        return reading


def list_after(reading, pieces, shaken=False):
    """What a database of its own says after the pieces."""
    with WorkFolder() as folder:
        reading.database = ListDatabase(folder, burst=200, shaken=shaken)
        for piece in pieces:
            reading.database.read(piece)
        incidents = reading.incidents()
        return [f"{len(incidents)} incidents", *map(str, incidents), *reading.database.dump().splitlines()]


# Incidents of our own


class OwnIncident(typing.NamedTuple):
    kind: str
    provider: str
    host: str
    sender_domain: str
    since: int
    opened: int
    closed: typing.Optional[int]
    sends: int
    failed: int
    example: str

    def __str__(self):
        of = " ".join(filter(None, (self.kind, self.provider, self.host, self.sender_domain)))
        times = f"since {clock(self.since)}, opened {clock(self.opened)}, closed {clock(self.closed)}"
        return f"{of}: {times}, {self.failed} of {self.sends}"


class OwnReading(Reading):
    def own_incidents(self):
        of_us = "FROM incident WHERE kind <> 'provider' ORDER BY since, provider, host, sender_domain"
        return [OwnIncident(*row) for row in self.rows(f"SELECT {', '.join(OwnIncident._fields)} {of_us}")]

    def expect(self, what, found, expected):
        if found != expected:
            told = [str(row) for row in sorted(found)[:10]] if isinstance(found, (set, list)) else [str(found)]
            self.wrong.append("\n    ".join([f"{what}: expected {str(expected)[:200]}, found", *told]))

    def expect_about(self, what, moment, expected, apart=10 * MINUTE):
        if moment is None or abs(moment - expected) > apart:
            self.wrong.append(f"{what}: {clock(moment)}, expected about {clock(expected)}")

    def count(self, of):
        return self.rows(f"SELECT count(*) FROM {of}")[0][0]


def between(log, day, begin, end):
    return day + begin + int(log.dice.random() * (end - begin))


def answer_of(domain, end=SENT):
    return (f"mx.{domain}[192.0.2.1]:25" if "said" in end or end == SENT else "none"), end.format(domain)


def resolver_log(seed, size, sends=20, hours=(8, 18)):
    """For an hour, the resolver of one of two hosts fails; it even says of some domains that they do not exist. Of some messages the
    lifetime ends in that hour. Returns the log, the addresses whose domain was not found there, and one whose domain is gone."""
    log = OwnLog(seed, retry=10 * MINUTE)
    domains = [f"d{number}.example" for number in range(size)]
    fails_from, fails_to = BEGIN + 3 * DAY + 10 * HOUR, BEGIN + 3 * DAY + 11 * HOUR
    lost = set()

    def answers(host, to):
        def answer(at):
            domain = domain_of(to)
            if host != "mta1" or not fails_from <= at < fails_to:
                return answer_of(domain)
            if hash_of(domain) % 10 == 0:
                lost.add(to)
                return answer_of(domain, NO_SUCH_DOMAIN)
            return answer_of(domain, RESOLVER_FAILS)

        return answer

    for day in range(6):
        for domain in domains:
            for number in range(sends):
                to = f"user{number}@{domain}"
                at = between(log, BEGIN + day * DAY, hours[0] * HOUR, hours[1] * HOUR)
                host = log.dice.choice(("mta1", "mta2"))
                lifetime = 20 * MINUTE if number < 5 else 5 * DAY
                log.send(at, host, "news@shop.example", to, answers(host, to), lifetime)
    gone = "somebody@gone.example"
    log.send(fails_from + 30 * MINUTE, "mta2", "news@shop.example", gone, lambda _: answer_of("gone.example", NO_SUCH_DOMAIN))
    return log.lines(), lost, gone, (fails_from, fails_to)


def hash_of(text):
    return int(hashlib.sha1(text.encode()).hexdigest(), 16)


def resolver(seed, size):
    lines, lost, gone, (begin, end) = resolver_log(seed, size)
    with OwnReading(None) as reading:
        during = [line for line in lines if line[:19] <= time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(end + HOUR))]
        reading.database.read(during)
        reading.expect("pending after it", reading.entries("pending"), lost)
        reading.expect("refused after it", reading.entries(), {gone})
        expired = reading.count("evidence WHERE ended_by = 'expired'")
        if expired < 5:
            reading.wrong.append(f"the scenario has too few that expired: {expired}")
        reading.expect("streaks after it", reading.count("recipient WHERE streak > 0"), 0)
        reading.database.read(lines[len(during) :])
        reading.expect("entries at the end", reading.entries("pending") | reading.entries(), {gone})
        found = reading.own_incidents()
        reading.expect("incidents", [(one.kind, one.host) for one in found], [("local", "mta1")])
        for one in found[:1]:
            reading.expect_about("it begins", one.since, begin)
            reading.expect_about("it closes", one.closed, end, 15 * MINUTE)
        reading.facts += [*map(str, found), f"{len(lost)} pending, {expired} expired, {len(lines)} lines"]
        return reading


def business_campaign(seed, size, dead_share=0.005):
    """A campaign to very many known domains, of which some are dead; they are retried for five days, beside some daily mail."""
    log = OwnLog(seed)
    domains = [f"d{number}.example" for number in range(size)]
    for domain in domains:
        log.send(between(log, BEGIN, 8 * HOUR, 18 * HOUR), "mta1", "news@shop.example", f"info@{domain}", lambda _, of=domain: answer_of(of))
    dead = {domain: log.dice.choice((RESOLVER_FAILS, NO_ANSWER)) for domain in log.dice.sample(domains, round(size * dead_share))}
    begin = BEGIN + 30 * DAY

    def answer_to(domain):
        return lambda _: answer_of(domain, dead.get(domain, SENT))

    for domain in domains:
        at = between(log, begin, 9 * HOUR, 12 * HOUR)
        log.send(at, "mta1", "offer@shop.example", f"info@{domain}", answer_to(domain))
    for day in range(6):
        for domain in log.dice.sample(domains, 100):
            at = between(log, begin + day * DAY, 0, 24 * HOUR)
            log.send(at, "mta1", "news@shop.example", f"info@{domain}", answer_to(domain))
    with OwnReading(None) as reading:
        reading.database.read(log.lines())
        reading.expect("incidents", [str(one) for one in reading.own_incidents()], [])
        reading.facts.append(f"{len(dead)} of {size} domains dead")
        return reading


LISTED = "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.25"
NETWORK_LISTED = "550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150)."
UNCLEAR = "550 5.4.1 Recipient address rejected: Access denied"


def listed_log(seed, days, a_day, listed=True, hours=(0, 24)):
    """Mail of three hosts and two sender domains to three providers. On the fourth day one host is listed for six hours, and two of the
    providers refuse its mail. One mail of a hundred is refused for what it says, on all days."""
    log = OwnLog(seed)
    providers = {"one.example": (LISTED, "5.7.1"), "two.example": (NETWORK_LISTED, "5.7.1"), "three.example": (SENT, "")}
    begin, end = BEGIN + 3 * DAY + 10 * HOUR, BEGIN + 3 * DAY + 16 * HOUR
    for day in range(days):
        for number in range(a_day):
            provider = log.dice.choice(tuple(providers))
            relay = f"mx.{provider}[192.0.2.1]:25"
            host = log.dice.choice(("mta1", "mta2", "mta3"))
            sender = log.dice.choice(("news@shop.example", "info@club.example"))
            text, dsn = providers[provider]
            spam = log.dice.random() < 0.01
            unclear = log.dice.random() < 0.1

            def answer(at, provider=provider, relay=relay, host=host, text=text, dsn=dsn, spam=spam, unclear=unclear):
                if listed and host == "mta2" and text != SENT and begin <= at < end:
                    return relay, refused(relay[:-3], UNCLEAR if unclear else text, "5.4.1" if unclear else dsn)
                if spam:
                    return relay, refused(relay[:-3], "550 5.7.1 Message rejected as spam by content filter")
                return relay, SENT

            at = between(log, BEGIN + day * DAY, hours[0] * HOUR, hours[1] * HOUR)
            log.send(at, host, sender, f"user{number % 2000}@{provider}", answer)
    return log.lines(), (begin, end)


def blocklisting(seed, a_day):
    lines, (begin, end) = listed_log(seed, 5, a_day)
    with OwnReading(None) as reading:
        reading.database.read(lines)
        reading.expect("refused", reading.entries(), set())
        found = reading.own_incidents()
        expected = [("sender", provider, "mta2", "") for provider in ("one.example", "two.example")]
        reading.expect("incidents", sorted(one[:4] for one in found), expected)
        for one in found:
            reading.expect_about("it begins", one.since, begin, HOUR)
            reading.expect_about("it closes", one.closed, end, 75 * MINUTE)
        told = "".join(reading.database.run("incidents", "show", str(number)) for (number,) in reading.rows("SELECT id FROM incident"))
        for words in ("of our host mta2", "https://check.spamhaus.org/", "Microsoft (S3150)", "shop.example: ", "554 5.7.1"):
            reading.expect(f"show says {words}", words in told, True)
        reading.facts += [*map(str, found), f"{len(reading.entries('pending'))} pending of an unclear reply"]
        return reading


def ordinary_refusals(seed, days, a_day):
    lines, _ = listed_log(seed, days, a_day, listed=False)
    with OwnReading(None) as reading:
        reading.database.read(lines)
        reading.expect("incidents", [str(one) for one in reading.own_incidents()], [])
        reading.expect("refused", reading.entries(), set())
        reading.facts.append(f"{len(lines)} lines")
        return reading


def own_ways(seed):
    """In pieces, again and killed, the logs of both give the same list and incidents."""
    logs = resolver_log(seed, 100, 6, (9, 13))[0], listed_log(seed, 4, 2500, hours=(9, 17))[0]
    lines = sorted(logs[0] + logs[1], key=lambda line: line[:19])
    with OwnReading(None) as reading:
        expected = own_list_after(reading, [lines])
        reading.expect("incidents", expected[0], "3 incidents")
        for way, pieces in {
            "in ten parts": parts(lines, 10),
            "in the middle of it": [lines[: len(lines) * 7 // 10], lines[len(lines) * 7 // 10 :]],
            "again as another log": [lines, again(lines)],
            KILLED: [lines],
        }.items():
            found = own_list_after(reading, pieces, shaken=way == KILLED)
            other = list(difflib.unified_diff(expected, found, "whole", way, n=0, lineterm=""))
            if other:
                reading.wrong.append("\n    ".join([f"{way}: {len(other)} lines differ", *other[:10]]))
        reading.facts.append(f"{expected[0]}, {len(lines)} lines")
        return reading


def own_list_after(reading, pieces, shaken=False):
    with WorkFolder() as folder:
        reading.database = ListDatabase(folder, burst=200, shaken=shaken)
        for piece in pieces:
            reading.database.read(piece)
        incidents = reading.own_incidents()
        return [f"{len(incidents)} incidents", *map(str, incidents), *reading.database.dump().splitlines()]


# Scenarios


class Scenario(typing.NamedTuple):
    play: typing.Callable
    options: dict
    small: bool = False  # runs without --all
    seeds: int = 1


def outage_of(size, share, within=10 * MINUTE, small=False, seeds=1, **options):
    broken = {name: options.pop(name) for name in Broken._fields if name in options}
    options.update(size=size, within=within, broken=Broken(share, **broken))
    return Scenario(outage, options, small, seeds)


def domain_outage(hosted, of):
    """Of whole domains: an incident for each, and none of their provider."""
    return outage_of(200_000, 0, hosted=hosted, domains=of, of=of)


COMPANY = {"company.example": 0.004, "a.example": 0.796, "b.example": 0.2}
THREE = {"x.example": 0.01, "y.example": 0.01, "z.example": 0.005, "a.example": 0.775, "b.example": 0.2}
NIGHT = 25 * MINUTE  # until an outage is noticed that begins when there is little mail
SIZES, SMALL_SIZES = (5, 60, 200, 1000, 10_000), (5, 60, 1000, 3000)

SCENARIOS = {
    "outage of 8 %": outage_of(40_000, 0.08, small=True),
    "outage of 0.5 % of 200,000": outage_of(200_000, 0.005, HOUR, seeds=3),
    "outage of 2 % of 200,000": outage_of(200_000, 0.02, seeds=3),
    "outage of 8 % of 200,000": outage_of(200_000, 0.08),
    "outage of 10 % of 200,000": outage_of(200_000, 0.1),
    "outage of 100 % of 200,000": outage_of(200_000, 1),
    "outage of 8 % of 2,000": outage_of(2000, 0.08, HOUR, seeds=10),
    "iCloud's text for six hours": outage_of(200_000, 0.08, hours=6, text=ICLOUD),
    "two waves 19 h apart, 2 %": outage_of(200_000, 0.02, NIGHT, schedule=LATER, waves=(0, 19), hours=6),
    "two waves 19 h apart, 50 %": outage_of(50_000, 0.5, schedule=LATER, waves=(0, 19), hours=6),
    "two waves five days apart, 8 %": outage_of(200_000, 0.08, schedule=FIVE_DAYS_APART, waves=(0, 120)),
    "two waves five days apart, 100 %": outage_of(20_000, 1, schedule=FIVE_DAYS_APART, waves=(0, 120)),
    "60 known-good": outage_of(60, 1, None, True, 3, schedule=TWO_HOURS_A_DAY, hosted={"a.example": 1}),
    "one company of 800": domain_outage(COMPANY, ("company.example",)),
    "three domains with 5,000": domain_outage(THREE, ("x.example", "y.example", "z.example")),
    "weekly mail, 4 %": outage_of(200_000, 0.04, schedule=WEEKLY),
    "weekly mail, 50 %": outage_of(50_000, 0.5, schedule=WEEKLY),
    "undo without incidents": Scenario(undone, {"size": 40_000, "broken": Broken(0.08)}, small=True),
    "bought list": Scenario(bought, {"size": 10_000, "fresh": False}, small=True, seeds=3),
    "bought list on a fresh install": Scenario(bought, {"size": 10_000, "fresh": True}, small=True, seeds=3),
    "forgotten list": Scenario(forgotten, {"size": 3300, "dead_share": 0.15, "a_day": 2000}, small=True),
    "forgotten list of 33,000": Scenario(forgotten, {"size": 33_000, "dead_share": 0.15, "a_day": 20_000}),
    "ordinary month": Scenario(ordinary, {"days": 35, "sizes": SMALL_SIZES}, small=True),
    "ordinary 90 days": Scenario(ordinary, {"days": 90, "sizes": SIZES}, seeds=3),
    "ordinary fortnight in monitor mode": Scenario(ordinary, {"days": 14, "sizes": SIZES, "mailed_on": True}),
    "ordinary 90 days in monitor mode": Scenario(ordinary, {"days": 90, "sizes": SIZES, "mailed_on": True}),
    "resolver down at one of two hosts": Scenario(resolver, {"size": 200}, small=True),
    "campaign to 30,000 known domains": Scenario(business_campaign, {"size": 30_000}, small=True),
    "campaign to 300,000 known domains": Scenario(business_campaign, {"size": 300_000}),
    "one host of three listed": Scenario(blocklisting, {"a_day": 15_000}, small=True),
    "ordinary month of refusals": Scenario(ordinary_refusals, {"days": 31, "a_day": 1000}, small=True),
    "ordinary month of many refusals": Scenario(ordinary_refusals, {"days": 31, "a_day": 20_000}),
    "ways of reading incidents of our own": Scenario(own_ways, {}, small=True),
    "ways of reading": Scenario(ways, {"size": 5000, "broken": Broken(0.08)}, small=True),
}


def run(name, scenario, seed):
    """Whether it passes; says so."""
    begun = time.monotonic()
    try:
        reading = scenario.play(seed, **scenario.options)
        wrong, facts = reading.wrong, "; ".join(reading.facts)
    except RuntimeError as error:  # of suppressctl
        wrong, facts = [str(error)], ""
    result, seconds = "FAILED" if wrong else "passed", time.monotonic() - begun
    told = f"{result}: {name}, seed {seed}, {seconds:.0f} s: {facts}"
    print("\n  ".join([told, *wrong]), flush=True)
    return not wrong


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--all", action="store_true", help="the big ones, too")
    options.add_argument("names", nargs="*", metavar="NAME", help="; ".join(SCENARIOS))
    given = options.parse_args()
    if unknown := set(given.names) - set(SCENARIOS):
        options.error(f"no such scenario: {', '.join(sorted(unknown))}")
    of_all = given.all or int(os.environ.get("SUPPRESSD_MODEL_PROGRAMS", "0")) > 1000
    passed = True
    for name, scenario in SCENARIOS.items():
        if name in given.names or (not given.names and (of_all or scenario.small)):
            for seed in range(1, scenario.seeds + 1):
                passed = run(name, scenario, seed) and passed
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
