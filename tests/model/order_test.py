"""Random logs, reports and acts by hand, read in many orders and pieces: `suppressctl dump --list` is byte for byte the same, and says what
a small model of the design's text says.

SUPPRESSD_BIN=build/.../src python3 -B tests/model/order_test.py [PART...]. SUPPRESSD_MODEL_PROGRAMS sets how many programs all parts have
together (1,000), SUPPRESSD_MODEL_SEED begins there. Many programs are read as one log; one that fails is made as small as it goes and
shown.
"""

import argparse
import dataclasses
import difflib
import os
import random
import re
import sys
import time
import typing

import list_model
from list_database import FAKETIME, seen
from random_programs import random_program, simpler_messages
from program_texts import lines_of
from ways_of_reading import WAYS, WAYS_IN_ORDER, WAYS_OF_WHOLE_LOGS, WAYS_THAT_OVERLAP, WAYS_WITH_BRAKE, list_after

TOGETHER = 250  # Programs in one log.
SHOWN = 3  # Programs that fail, each in another way.
MODEL = "the model"


class Part(typing.NamedTuple):
    share: int  # of the programs, in percent
    ways: dict
    acts: bool = False
    burst: int = 0  # hard.burst; 0: no brake
    null_senders: bool = True
    model: bool = False
    together: bool = False  # all addresses are of one domain

    def programs(self, seeds):
        return [random_program(seed, self.acts, self.null_senders, self.burst > 0, self.together) for seed in seeds]

    def differences(self, programs, only=None):
        """(way, expected, found) of each way that gives another list than the first; and the model's, if that is different."""
        (first, how), *others = self.ways.items()
        expected = list_after(programs, first, how, self.burst)
        if self.model and only in (None, MODEL):
            said = {line for program in programs for line in list_model.predicted(program)}
            if said != seen(expected):
                yield MODEL, sorted(said), sorted(seen(expected))
        for way, how in others:
            if only not in (None, way):
                continue
            found = list_after(programs, way, how, self.burst)
            if found != expected:
                yield way, expected.splitlines(), found.splitlines()


PARTS = {
    "logs": Part(45, WAYS_OF_WHOLE_LOGS, model=True),
    "acts": Part(20, WAYS, model=True, acts=True),
    "brake": Part(10, WAYS_WITH_BRAKE, acts=True, burst=3),
    "together": Part(5, WAYS_IN_ORDER, together=True),
    "overlap": Part(20, WAYS_THAT_OVERLAP, null_senders=False),
}


def suspects(expected, found):
    """The programs whose addresses are in lines that differ."""
    lines = set(expected) ^ set(found)
    return {int(seed) for line in lines for seed in re.findall(r"@[abc](\d+)\.example", line)}


def less(program):
    """Programs that are a little less than this one."""
    for part in ("acts", "reports", "messages"):
        for item in getattr(program, part):
            yield program.without(part, item)
    for place, message in enumerate(program.messages):
        for simpler in simpler_messages(message):
            yield dataclasses.replace(program, messages=(*program.messages[:place], simpler, *program.messages[place + 1 :]))


def smallest(part, program, way):
    for smaller in less(program):
        if smaller.messages and any(part.differences([smaller], way)):
            return smallest(part, smaller, way)
    return program


def tell(name, program, way):
    part = PARTS[name]
    program = smallest(part, program, way)
    print(f"--- SUPPRESSD_MODEL_PROGRAMS=1 SUPPRESSD_MODEL_SEED={program.seed} order_test.py {name}: another list: {way}")
    for line in sorted(line for message in program.messages for line in lines_of(message)):
        print(line.text)
    for other in (*program.reports, *program.acts):
        print(other)
    _, expected, found = next(iter(part.differences([program], way)))
    print("\n".join(difflib.unified_diff(expected, found, "expected", "found", n=0, lineterm="")), flush=True)


def shown(name, wrong):
    """The smallest program of each way that differs, SHOWN at most."""
    for way, programs in list(wrong.items())[:SHOWN]:
        for program in sorted(programs, key=lambda program: len(program.messages)):
            if any(PARTS[name].differences([program], way)):
                tell(name, program, way)
                break


def run_part(name, first, of_all):
    """Whether all programs of the part give one list; it ends with the first log that does not."""
    part, begun = PARTS[name], time.monotonic()
    count = max(1, of_all * part.share // 100)
    for start in range(first, first + count, TOGETHER):
        seeds = range(start, min(start + TOGETHER, first + count))
        programs = part.programs(seeds)
        wrong = {}
        for way, expected, found in part.differences(programs):
            named = suspects(expected, found)
            wrong[way] = [program for program in programs if program.seed in named]
        if wrong:
            shown(name, wrong)
            numbers = ", ".join(f"{way}: {len(programs)}" for way, programs in wrong.items())
            print(f"{name}: of {len(seeds)} programs from seed {start} another list: {numbers}", flush=True)
            return False
    print(f"{name}: {count} programs from seed {first} give one list, {time.monotonic() - begun:.0f} s", flush=True)
    return True


def main():
    options = argparse.ArgumentParser()
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    given = options.parse_args()
    if FAKETIME is None:
        print("libfaketime is not installed")
        return 77
    of_all = int(os.environ.get("SUPPRESSD_MODEL_PROGRAMS", "1000"))
    first = int(os.environ.get("SUPPRESSD_MODEL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
    passed = [run_part(name, first, of_all) for name in given.parts or PARTS]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
