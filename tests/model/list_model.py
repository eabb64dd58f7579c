"""The list as the design's text describes it, in few lines: the events of a program, and the state of each address that follows.

Without the brake, for programs that have no more events of one address than are kept. An event's place within its second, and what is one
event, follow from its identity; nothing here knows in which order it was read.
"""

import collections
import typing

from random_programs import BOUNCES, DAY, HOUR

THRESHOLD, MIN_INTERVAL, STALE_AFTER = 3, 16 * HOUR, 180 * DAY
RETRY_WINDOW, RETRY_ATTEMPTS, REPORT_WINDOW = 72 * HOUR, 3, 30 * DAY
SOFT_STEPS = (30 * DAY, 90 * DAY, None)
HARD_STEPS = {"sure": (None,), "weak": (30 * DAY, None), "bad-domain": (7 * DAY, 30 * DAY, None)}
KNOWN_GOOD_FOR, KNOWN_GOOD_STEPS = 180 * DAY, (7 * DAY, None)  # hard.known_good_for of ways_of_reading
DOMAIN_AWAY = 7 * DAY
FAILURE, DELIVERY, COMPLAINT, ACT = range(4)  # their order within a second
# The fault of the host, not of the address; greylisting, because the domains that greylist have one address each.
OF_HOST = ("connection", "greylisted")


class Event(typing.NamedTuple):
    at: int
    rank: int
    entered: int = 0
    host: str = ""  # "" if only a report has it
    queue_id: str = ""
    phase: int = 0  # window, end, report; of an act its number
    judged: object = None  # Reply of a failure; of an act the act


def events_of(program):
    """Events by address, and by `@domain`. Undos and reverts are not among them."""
    events = collections.defaultdict(list)
    reports = [report for report in program.reports if not told_by_log(report)]
    taken_back = {(report.message.number, report.to) for report in reports if report.what != "complaint"}
    for message in program.messages:
        for send in message.sends if message.sender else ():
            domain = "@" + send.to.partition("@")[2]
            for at, rank, phase, judged in events_of_send(message, send):
                event = Event(at, rank, message.entered, message.host, message.queue_id, phase, judged)
                of_domain = event._replace(queue_id=f"{message.queue_id} {send.to}")
                if rank == DELIVERY:
                    events[domain].append(of_domain)  # even if it is taken back
                if judged and judged.category in OF_HOST:
                    events[domain].append(of_domain)
                elif rank != DELIVERY or (message.number, send.to) not in taken_back:
                    events[send.to].append(event)
    for report in reports:
        rank, judged = (COMPLAINT, None) if report.what == "complaint" else (FAILURE, BOUNCES[report.what])
        if judged is None or judged.action != "none":
            events[report.to].append(Event(report.at, rank, report.message.entered, "", report.message.queue_id, 2, judged))
    for act in standing(program.acts):
        if act.what in ("lift", "reconfirm", "add"):
            events[act.address].append(Event(act.moment, ACT, phase=act.number, judged=act))
    return {address: sorted(of_it, key=lambda event: event[:6]) for address, of_it in events.items()}


def told_by_log(report):
    """A bounce by mail does not count if the MTA's log says that the send failed."""
    fates = {send.fate for send in report.message.sends if send.to == report.to}
    return report.what != "complaint" and (bool(fates & set(BOUNCES)) or (report.message.expires and "sent" not in fates))


def events_of_send(message, send):
    """(at, rank, phase, judged) of one send."""
    failed = [message.entered + offset for offset in send.deferrals]
    late = [at for n, at in enumerate(failed, 1) if n >= RETRY_ATTEMPTS and at - failed[0] >= RETRY_WINDOW]
    if late:
        yield late[0], FAILURE, 0, send.later
    if send.fate == "sent":
        yield message.entered + send.end, DELIVERY, 1, None
    elif send.fate in BOUNCES:
        if BOUNCES[send.fate].action != "none":
            yield message.entered + send.end, FAILURE, 1, BOUNCES[send.fate]
    elif message.expires:
        yield message.last, FAILURE, 1, send.later


def standing(acts):
    reverted = {act.reverts for act in acts if act.what == "revert"}
    return [act for act in acts if act.number not in reverted]


def undone(event, address, acts):
    """Whether an undo takes this failure out of the set."""
    provider = address.partition("@")[2]
    return event.rank == FAILURE and any(
        act.what == "undo"
        and act.hours[0] <= event.at < act.hours[1]
        and act.category in ("", event.judged.category)
        and act.reply in (None, event.judged)
        and act.address.partition("@")[2] == provider
        and event[:2] < (act.moment, ACT)
        for act in acts
    )


class Entry(typing.NamedTuple):
    state: str
    category: str
    since: int
    until: typing.Optional[int]
    sure: bool = False
    was_permanent: bool = False  # until its address was confirmed

    def in_force(self, at):
        return self.state == "active" and (self.until is None or at < self.until)


class Ladder:
    def __init__(self):
        self.steps, self.idle_since = 0, None

    def begin(self, at):
        if self.steps and self.idle_since is not None and at - self.idle_since >= STALE_AFTER:
            self.steps = 0

    def step(self, at, lengths):
        length = lengths[min(self.steps, len(lengths) - 1)]
        self.steps, self.idle_since = self.steps + 1, length and at + length
        return self.idle_since


class Fold:
    """One address, or `@domain`."""

    def __init__(self, events, of_domain):
        self.entries, self.delivered, self.of_domain = {}, None, of_domain
        self.start_again()
        for event in events:
            (self.failed, self.was_delivered, self.complained, self.acted)[event.rank](event)

    def start_again(self):
        self.soft_set, self.newest_soft = {}, None  # message to (entry, host, queue id, end)
        self.soft_ladder, self.hard_ladder = Ladder(), Ladder()
        self.newest_hard = None

    def in_force(self, kind, at):
        return kind in self.entries and self.entries[kind].in_force(at)

    def streak(self):
        count, last = 0, None
        for entered, *_ in sorted(self.soft_set.values()):
            if last is None or entered - last >= MIN_INTERVAL:
                count, last = count + 1, entered
        return count

    def was_delivered(self, event):
        hard, delivered = self.newest_hard, event.at
        self.start_again()
        self.entries.pop("soft", None)
        self.entries.pop("hard", None)
        if hard:
            self.newest_hard, self.entries["hard"] = hard, Entry("suspended", hard.judged.category, hard.at, None)
        self.delivered = delivered

    def complained(self, event):
        self.entries.setdefault("complaint", Entry("active", "complaint", event.at, None))

    def acted(self, event):
        if event.judged.what == "add":
            self.entries["manual"] = Entry("active", "manual", event.at, None)
            return
        if event.judged.what == "reconfirm":
            for kind, ladder in (("hard", self.hard_ladder), ("soft", self.soft_ladder)):
                if self.in_force(kind, event.at):
                    was_permanent = self.entries[kind].until is None or self.entries[kind].was_permanent
                    self.entries[kind] = self.entries[kind]._replace(until=event.at, was_permanent=was_permanent)
                    ladder.idle_since = event.at
            return
        manual = self.entries.get("manual")
        self.entries.clear()
        if manual:
            self.entries["manual"] = manual._replace(until=event.at) if manual.in_force(event.at) else manual
        self.start_again()

    def next_end(self, kind, ladder, at, lengths):
        old = self.entries.get(kind)
        until = ladder.step(at, lengths)
        if old and old.was_permanent and at - old.until < STALE_AFTER:
            until = ladder.idle_since = None
        return until

    def failed(self, event):
        (self.failed_hard if event.judged.action == "hard" else self.failed_soft)(event, event.at, event.judged)

    def failed_hard(self, event, at, judged):
        self.newest_hard = event
        sure = judged.certainty == "sure"
        if self.in_force("hard", at):
            hard = self.entries["hard"]
            if sure and not hard.sure:
                self.entries["hard"] = hard._replace(category=judged.category, until=None, sure=True)
                self.hard_ladder.idle_since = None
            return
        if self.in_force("soft", at):
            if not sure:
                return
            del self.entries["soft"]
            self.soft_ladder.idle_since = at
        self.hard_ladder.begin(at)
        known_good = self.delivered is not None and self.delivered < at <= self.delivered + KNOWN_GOOD_FOR
        until = self.next_end("hard", self.hard_ladder, at, KNOWN_GOOD_STEPS if sure and known_good else HARD_STEPS[judged.certainty])
        self.entries["hard"] = Entry("active", judged.category, at, until, sure)

    def failed_soft(self, event, at, judged):
        if self.in_force("hard", at) or self.in_force("soft", at):
            return
        if self.newest_soft is not None and at - self.newest_soft >= STALE_AFTER:
            self.soft_set.clear()
        if event.queue_id in self.soft_set:  # a window failure and the end of one send are one
            return
        self.soft_set[event.queue_id], self.newest_soft = (event.entered, event.host, event.queue_id, at), at
        self.soft_ladder.begin(at)
        if self.of_domain and at - min(self.soft_set.values())[-1] < DOMAIN_AWAY:
            return
        if self.soft_ladder.steps or self.streak() >= THRESHOLD:
            self.entries["soft"] = Entry("active", judged.category, at, self.next_end("soft", self.soft_ladder, at, SOFT_STEPS))

    def lines(self, address):
        """In the words of list_database.seen()."""
        for kind, entry in sorted(self.entries.items()):
            yield f"{address} {kind}: {entry.state} {entry.category} {entry.since} {entry.until}"
        counts = (None if self.of_domain else self.delivered, self.streak(), self.soft_ladder.steps, self.hard_ladder.steps)
        if counts != (None, 0, 0, 0):
            yield f"{address}: delivered {counts[0]}, streak {counts[1]}, steps {counts[2]} {counts[3]}"


def predicted(program):
    """The program's addresses in the list, one line per fact."""
    acts = standing(program.acts)
    for address, events in sorted(events_of(program).items()):
        standing_events = (event for event in events if not undone(event, address, acts))
        yield from Fold(standing_events, address.startswith("@")).lines(address)
