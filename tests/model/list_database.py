"""A database that suppressctl fills with logs, mails and acts by hand, and what its list says.

An act takes the clock's time: libfaketime sets it. A list that is shaken kills each reading at random moments, and begins it again.
"""

import datetime
import glob
import json
import os
import random
import shutil
import subprocess
import tempfile

from program_texts import TRACE_KEYS, mail_of

SUPPRESSCTL = os.path.join(os.environ.get("SUPPRESSD_BIN", "build/default/src"), "suppressctl")
FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)


MEMORY, ENOUGH = "/dev/shm", 4 << 30  # bytes: the largest log and its database


class WorkFolder(tempfile.TemporaryDirectory):
    """In memory, if there is room."""

    def __init__(self):
        roomy = os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free >= ENOUGH
        super().__init__(dir=MEMORY if roomy else None)


class ListDatabase:
    def __init__(self, folder, burst=0, shaken=False, keys="", transaction=500):
        """`keys`: more of the configuration; `transaction`: lines of a log that are learned in one."""
        self.folder, self.files, self.transaction = folder, 0, transaction
        self.kills = random.Random(1) if shaken else None
        self.numbers = {}  # program and number in it, to the number of the act
        os.chmod(self.write("trace.keys", TRACE_KEYS), 0o600)
        config = self.write("suppressd.conf", f"[hard]\nburst = {burst}\n{keys}")
        self.options = ("--config", config, "--db", os.path.join(folder, "list.db"))
        self.run("replay", self.write("empty.log", ""))  # makes the database

    def write(self, name, text, at=None):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if at is not None:
            os.utime(path, (at, at))
        return path

    def run(self, *words, clock=None, may_say_no=False, longest=None):
        """What suppressctl prints; `longest`: seconds until it is killed."""
        environment = dict(os.environ, TZ="UTC")
        if clock is not None:
            at = datetime.datetime.fromtimestamp(clock, datetime.timezone.utc)
            environment.update(LD_PRELOAD=FAKETIME, FAKETIME=f"{at:%Y-%m-%d %H:%M:%S}", FAKETIME_DONT_FAKE_MONOTONIC="1")
        command = [SUPPRESSCTL, *self.options, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=longest)
        if done.returncode not in ((0, 1) if may_say_no else (0,)):
            raise RuntimeError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def read(self, reading):
        """Lines, or reports by mail."""
        if not reading:
            return
        self.files += 1
        if hasattr(reading[0], "message"):
            mails = (self.write(f"{self.files}.{n}.eml", mail_of(report), report.at) for n, report in enumerate(reading))
            self.run_to_its_end("learn", *mails)
        else:
            lines = "".join((line if isinstance(line, str) else line.text) + "\n" for line in reading)
            self.run_to_its_end("replay", "--transaction", str(self.transaction), self.write(f"{self.files}.log", lines))

    def run_to_its_end(self, *words):
        """In a way that kills: killed at random moments, ever later, and started again, until it is done."""
        longest = 0.02 if self.kills else None
        while True:
            try:
                return self.run(*words, longest=longest and self.kills.uniform(0, longest))
            except subprocess.TimeoutExpired:
                longest *= 1.5

    def act(self, program, act):
        words = {"lift": ["lift", act.address], "add": ["add", act.address], "confirm": ["confirm", act.address]}.get(act.what)
        if act.what == "reconfirm":
            words = ["lift", "--reconfirmed", act.address]
        if act.what == "undo":
            provider = act.address.partition("@")[2]
            words = ["undo", "--since", f"@{act.hours[0]}", "--until", f"@{act.hours[1]}", "--provider", provider]
            words += ["--category", act.category] if act.category else []
            words += ["--text", act.reply.said_to("somebody@else.example")] if act.reply else []
        if act.what == "revert":
            reverted = self.numbers.get((program.seed, act.reverts))
            if reverted is None:
                return
            words = ["undo", "--revert", str(reverted)]
        said = self.run("--json", *words, clock=act.moment, may_say_no=True)
        numbers = [json.loads(line).get("number") for line in said.splitlines()]
        if numbers and numbers[-1] is not None:
            self.numbers[program.seed, act.number] = numbers[-1]

    def dump(self):
        return self.run("dump", "--list")


def seconds(text):
    return text and int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def seen(dump):
    """Of a dump, what list_model.predicted() says: a set of lines."""
    lines = set()
    for row in map(json.loads, dump.splitlines()):
        if row["table"] == "suppression":
            entry = (row["state"], row["category"], seconds(row["since"]), seconds(row["until"]))
            lines.add("{} {}: {} {} {} {}".format(row["address"], row["kind"], *entry))
        if row["table"] == "recipient":
            counts = (seconds(row["last_delivery"]), row["streak"], row["soft_step"], row["hard_step"])
            if counts != (None, 0, 0, 0):
                lines.add("{}: delivered {}, streak {}, steps {} {}".format(row["address"], *counts))
    return lines
