"""Random programs of mail: the messages of two hosts, mails that report on them, and acts by hand.

A program is a function of its seed. Its addresses, its providers and its queue ids are its own, so that many programs can be read as one
log. Acts are done at MOMENTS, which all programs share: what ended up to a moment is read before it. There is one report about a send at
most.
"""

import dataclasses
import datetime
import random
import typing

MINUTE, HOUR, DAY = 60, 3600, 86400
BEGIN = int(datetime.datetime(2025, 9, 1, tzinfo=datetime.timezone.utc).timestamp())
MOMENTS = tuple(BEGIN + after for after in (90 * MINUTE, 2 * DAY, 15 * DAY, 60 * DAY, 200 * DAY, 420 * DAY))
HOSTS = ("mta1", "mta2")
SENDER = "news@sender.example"
ADDRESSES = ("anna@a{}.example", "bea@a{}.example", "carl@b{}.example", "dora@c{}.example")
MOST = 100  # messages of a program


class Reply(typing.NamedTuple):
    """What a server says, and how DESIGN's categories judge it."""

    status: str
    words: str
    category: str
    action: str  # hard, soft or none
    certainty: str = "sure"  # of a hard one: sure, weak or bad-domain

    def said_to(self, address):
        return self.words.format(to=address, domain=address.partition("@")[2])


BOUNCES = {
    "hard": Reply(
        "5.1.1", "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table", "bad-mailbox", "hard"
    ),
    "weak": Reply("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "bad-mailbox", "hard", "weak"),
    "vague": Reply("5.0.0", "550 no", "recipient-refused", "soft"),
    "full": Reply("5.2.2", "552 5.2.2 <{to}>: The email account that you tried to reach is over quota", "mailbox-full", "soft"),
    "policy": Reply("5.7.1", "554 5.7.1 Service unavailable; client blocked using zen.spamhaus.org", "blocked", "none"),
    "no-domain": Reply(
        "5.4.4",
        "Host or domain name not found. Name service error for name={domain} type=AAAA: Host not found",
        "bad-domain",
        "hard",
        "bad-domain",
    ),
}
LATER = Reply(
    "4.2.2",
    "452 4.2.2 <{to}>: The email account that you tried to reach is over quota, please try again later",
    "mailbox-full",
    "soft",
)
GREY = Reply("4.2.0", "450 4.2.0 <{to}>: Recipient address rejected: Greylisted", "greylisted", "soft")
# No host answers: it counts against the domain.
TIMEOUT = Reply("4.4.1", "connect to mx.{domain}[192.0.2.1]:25: Connection timed out", "connection", "soft")
FATES = ("sent", *BOUNCES, "expired", "stays")
REPORTED = ("hard", "full", "policy", "complaint")


class Send(typing.NamedTuple):
    """A message to one recipient. Times are seconds after the message's entry."""

    to: str
    fate: str  # sent, one of BOUNCES, expired (with all that are still deferred), or stays in the queue
    deferrals: tuple
    end: int
    later: Reply  # of its deferrals


class Message(typing.NamedTuple):
    number: int
    host: str
    entered: int
    sender: str
    sends: tuple

    @property
    def queue_id(self):
        return f"A{self.number:09X}{HOSTS.index(self.host)}"

    @property
    def expires(self):
        return any(send.fate == "expired" for send in self.sends)

    @property
    def stays(self):
        return not self.expires and any(send.fate == "stays" for send in self.sends)

    @property
    def last(self):
        return self.entered + max(max((send.end, *send.deferrals)) for send in self.sends)


class Report(typing.NamedTuple):
    """A mail that says that a message was not delivered after all, or that its reader complains."""

    what: str  # one of REPORTED
    at: int
    message: Message
    to: str


class Act(typing.NamedTuple):
    """By hand, at a moment. An undo is of the failures at the address's provider that ended in `hours`."""

    number: int  # in the program
    moment: int
    what: str  # lift, reconfirm, add, confirm, undo or revert
    address: str
    hours: tuple = ()
    category: str = ""
    reply: typing.Optional[Reply] = None  # an undo is of the failures with this one; None: with any
    reverts: int = 0


@dataclasses.dataclass(frozen=True)
class Program:
    seed: int
    messages: tuple
    reports: tuple = ()
    acts: tuple = ()

    def without(self, part, item):
        """The program without one message, report or act, and without what refers to it."""
        rest = tuple(one for one in getattr(self, part) if one is not item)
        less = dataclasses.replace(self, **{part: rest})
        if part == "messages":
            return dataclasses.replace(less, reports=tuple(one for one in self.reports if one.message.number != item.number))
        if part == "acts":
            return dataclasses.replace(less, acts=tuple(one for one in rest if one.what != "revert" or one.reverts != item.number))
        return less


def random_later(dice, to, together):
    """Whether greylisting counts against the address or its domain goes by what the domain took from others, as far as that was
    read: only a program that is read in the order of its log (`together`) has it at a domain of several addresses."""
    kind = dice.random()
    if kind < 0.3:
        return TIMEOUT
    return GREY if kind < 0.5 and (together or to.startswith(("carl@b", "dora@c"))) else LATER


def random_send(dice, to, fate, bursts, together):
    deferrals = ()
    kind = dice.random()
    if kind < 0.25 or fate in ("expired", "stays"):
        deferrals = tuple(sorted({dice.randrange(1, 2 * HOUR) for _ in range(dice.randrange(1, 4))}))
    if kind > 0.85:  # as long as soft.retry_window
        deferrals = (1, HOUR, 50 * HOUR, 72 * HOUR + dice.randrange(1, 3 * HOUR))
    later = (2, MINUTE) if bursts else (dice.randrange(1, HOUR), dice.randrange(1, 20 * HOUR))
    end = (deferrals[-1] if deferrals else 0) + dice.choice((0, 1, 2, *later))
    return Send(to, fate, deferrals, end, random_later(dice, to, together))


def random_entries(dice, count, bursts):
    """When the messages enter; in bursts, within a few hours."""
    if bursts:
        hours = [BEGIN + dice.randrange(15 * DAY) for _ in range(dice.randrange(1, 3))]
        return [dice.choice(hours) + dice.randrange(HOUR) for _ in range(count)]
    span = dice.choice((2 * HOUR, 3 * DAY, 30 * DAY, 120 * DAY, 380 * DAY))
    grid = dice.choice((1, 1, 5 * MINUTE, HOUR, 16 * HOUR))  # a coarse one makes events of the same second
    return [BEGIN + dice.randrange(span) // grid * grid for _ in range(count)]


def random_messages(dice, seed, null_senders, bursts, together):
    addresses = [address.format(seed) for address in ADDRESSES[: dice.randrange(1, len(ADDRESSES) + 1)]]
    if bursts or together:  # at one provider
        addresses = [address.partition("@")[0] + f"@a{seed}.example" for address in addresses]
    weights = [dice.choice((0, 1, 3)) for _ in FATES]
    weights[FATES.index("hard") if bursts else dice.randrange(len(FATES))] += 5 if bursts else 2
    for number, entered in enumerate(random_entries(dice, dice.randrange(2, 30), bursts)):
        chosen = dice.sample(addresses, dice.choice((1, 1, 1, 2)) if len(addresses) > 1 else 1)
        sends = tuple(random_send(dice, to, dice.choices(FATES, weights)[0], bursts, together) for to in chosen)
        sender = "" if null_senders and dice.random() < 0.05 else SENDER
        yield Message(seed * MOST + number, dice.choice(HOSTS), entered, sender, sends)


def random_reports(dice, messages):
    sends = [(message, send) for message in messages for send in message.sends if message.sender]
    sends.sort(key=lambda pair: pair[1].fate != "sent")  # of most programs, about what was delivered
    most = sum(send.fate == "sent" for _, send in sends) if dice.random() < 0.7 else len(sends)
    for message, send in dice.sample(sends[:most], min(most, dice.choice((0, 0, 1, 3)))):
        after = dice.choice((0, 1, MINUTE, HOUR, DAY, 4 * DAY, 25 * DAY))
        yield Report(dice.choice(REPORTED), message.entered + send.end + after, message, send.to)


def random_acts(dice, messages, bursts):
    kinds = ("lift", "lift", "reconfirm", "reconfirm", "add", "undo", "revert", *(["confirm"] * 4 if bursts else []))
    addresses = sorted({send.to for message in messages for send in message.sends})
    addresses += sorted({"@" + address.partition("@")[2] for address in addresses})
    undoable = []
    for number in range(dice.choice((0, 1, 2, 4))):
        act = Act(number, 0, dice.choice(kinds), dice.choice(addresses))
        if act.what == "undo":
            begin = dice.choice(messages).last - dice.choice((0, 1, HOUR, 3 * DAY))
            category = dice.choice(("", "", "mailbox-full", "bad-mailbox"))
            act = act._replace(hours=(begin, begin + dice.choice((1, HOUR, 5 * DAY, 60 * DAY))), category=category)
            act = act._replace(reply=dice.choice((None, None, LATER, *BOUNCES.values())))
        if act.what == "revert":
            if not undoable:
                continue
            act = act._replace(reverts=undoable.pop())
        elif act.what in ("lift", "reconfirm", "undo"):
            undoable.append(number)
        yield act


def random_program(seed, acts=False, null_senders=True, bursts=False, together=False):
    """`bursts`: many hard failures within an hour, which the brake holds; `together`: all addresses are of one domain."""
    dice = random.Random(seed)
    messages = tuple(random_messages(dice, seed, null_senders, bursts, together))
    reports = tuple(random_reports(dice, messages))
    if not acts:
        return Program(seed, messages, reports)
    done = tuple(random_acts(dice, messages, bursts))
    # A pending entry stays so for 30 days.
    moments = sorted(dice.choice(MOMENTS[:4] if bursts else MOMENTS) for _ in done)
    return Program(seed, messages, reports, tuple(act._replace(moment=moment) for act, moment in zip(done, moments)))


def simpler_messages(message):
    """Messages that are a little less than this one."""
    if len(message.sends) > 1:
        for send in message.sends:
            yield message._replace(sends=(send,))
    for place, send in enumerate(message.sends):
        for less in range(len(send.deferrals)):
            fewer = send._replace(deferrals=send.deferrals[:less] + send.deferrals[less + 1 :])
            if fewer.deferrals or send.fate not in ("expired", "stays"):
                yield message._replace(sends=(*message.sends[:place], fewer, *message.sends[place + 1 :]))
