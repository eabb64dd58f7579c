"""Ways of reading the logs and mails of many programs, and the list that suppressctl makes of them.

Between two moments of the programs a way may read in any order and as often as it likes; then the acts of that moment are done. Logs of
programs without acts are not cut at moments.
"""

import collections
import random

from list_database import ListDatabase, WorkFolder
from program_texts import lines_of
from random_programs import HOSTS, MOMENTS

KNOWN_GOOD_KEY = 'known_good_for = ["7d", "forever"]\n'  # of the section hard
KILLED = "killed at random moments"
# The logs and mails of programs between two moments; `so_far`: the lines up to the second one.
Span = collections.namedtuple("Span", "lines so_far later_first mails")


def calm_cut(lines, open_at_end):
    """Where to cut the lines of one program, so that none of its messages is open there; at the end if there is no such place.
    `lines` may be a span of a longer log."""
    first, last = {}, {}
    for place, line in enumerate(lines):
        first.setdefault(line.number, 0 if line.rank else place)
        last[line.number] = len(lines) if line.number in open_at_end else place
    calm = [cut for cut in range(1, len(lines)) if all(first[n] >= cut or last[n] < cut for n in first)]
    return min(calm, key=lambda cut: abs(cut - len(lines) / 2), default=len(lines))


def later_half_first(of_programs):
    """Two halves, the later one first; each program's log is cut where none of its messages is open."""
    earlier, later = [], []
    for lines, open_at_end in of_programs:
        cut = calm_cut(lines, open_at_end)
        earlier += lines[:cut]
        later += lines[cut:]
    return [sorted(later), sorted(earlier)]


def spans_of(programs):
    """The logs and mails of all programs, cut at the moments if there are acts."""
    moments = MOMENTS if any(program.acts for program in programs) else MOMENTS[-1:]
    begin, so_far = 0, []
    for moment in moments:
        of_programs = []
        for program in programs:
            lines = sorted(line for message in program.messages for line in lines_of(message))
            here = [line for line in lines if begin < line.at <= moment]
            open_at_end = {line.number for line in lines if line.at > moment} | {m.number for m in program.messages if m.stays}
            of_programs.append((here, open_at_end))
        mails = [report for program in programs for report in program.reports if begin < report.at <= moment]
        lines = sorted(line for lines, _ in of_programs for line in lines)
        so_far = so_far + lines
        yield Span(lines, so_far, later_half_first(of_programs), mails)
        begin = moment


def parts(lines, count):
    return [lines[n * len(lines) // count : (n + 1) * len(lines) // count] for n in range(count)]


def of_host(lines, host):
    return [line for line in lines if line.host == HOSTS[host]]


def shuffled(lines, seed):
    """Within each second, but the lines of a message keep their order."""
    dice = random.Random(seed)
    place = collections.defaultdict(dice.random)
    return sorted(lines, key=lambda line: (line.at, place[line.at, line.number], line.rank))


def again(lines):
    """As another log, which is not known by its first line."""
    return [f"2025-08-31T23:00:00+00:00 mta1 systemd[1]: Copied {len(lines)} lines.", *lines]


def merged(span):
    return [span.lines, span.mails]


def twice(span):
    return [span.lines, span.mails, again(span.so_far), span.mails]


def in_halves(span):
    return [*parts(span.lines, 2), span.mails]


def in_ten_parts(span):
    return [*parts(span.lines, 10), span.mails]


def piece(span, begin, end):
    return span.lines[len(span.lines) * begin // 100 : len(span.lines) * end // 100]


# A way gives the readings of a span: lists of lines or of mails.
WAYS = {
    "merged by time": merged,
    "first host, second host": lambda span: [of_host(span.lines, 0), span.mails, of_host(span.lines, 1)],
    "second host, first host": lambda span: [of_host(span.lines, 1), of_host(span.lines, 0), span.mails],
    "in halves": in_halves,
    "in ten parts": in_ten_parts,
    "twice": twice,
    "first host, then all": lambda span: [of_host(span.lines, 0), again(span.so_far), span.mails],
    "all, then second host": lambda span: [span.lines, span.mails, again(of_host(span.so_far, 1))],
    "shuffled within a second": lambda span: [shuffled(span.lines, 1), span.mails],
    "reports before the log": lambda span: [span.mails, span.lines],
    KILLED: merged,
}
# Of logs that are not cut at moments, where messages are open.
WAYS_OF_WHOLE_LOGS = {**WAYS, "later half first, no message open between": lambda span: [*span.later_first, span.mails]}
# The brake counts an hour as far as it was read: if one host's log is read long after another's, the list may differ in what is
# pending.
WAYS_WITH_BRAKE = {
    way: WAYS[way] for way in ("merged by time", "in halves", "in ten parts", "twice", "shuffled within a second", KILLED)
}
# Whose fault a failure is, is judged when it is first read, by what the domain took so far.
WAYS_IN_ORDER = {way: WAYS[way] for way in ("merged by time", "in halves", "in ten parts", "twice", KILLED)}
# If a piece that is read again begins between a message's `from=<>` and its attempt, nothing shows that it is a bounce: so no message
# has the null sender.
WAYS_THAT_OVERLAP = {
    "merged by time": merged,
    "overlapping, in order": lambda span: [piece(span, 0, 55), piece(span, 45, 100), span.mails],
    "an old piece again": lambda span: [piece(span, 0, 60), piece(span, 20, 50), piece(span, 60, 100), span.mails],
    "the beginning twice": lambda span: [piece(span, 0, 60), piece(span, 10, 40), piece(span, 30, 100), span.mails],
    "the middle, then all": lambda span: [piece(span, 30, 70), span.lines, span.mails],
}


def list_after(programs, way, how, burst):
    """`dump --list` after the way."""
    with WorkFolder() as folder:
        # An incident goes by who is known-good, which is judged when an event is first read.
        keys = "" if burst else KNOWN_GOOD_KEY + "[incident]\nprovider = false\n"
        made = ListDatabase(folder, burst, shaken=way == KILLED, keys=keys)
        for span, moment in zip(spans := list(spans_of(programs)), MOMENTS if len(spans) > 1 else MOMENTS[-1:]):
            for reading in how(span):
                made.read(reading)
            for program in programs:
                for act in program.acts:
                    if act.moment == moment:
                        made.act(program, act)
        return made.dump()
