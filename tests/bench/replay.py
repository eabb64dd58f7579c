"""replay: `suppressctl replay` into a new database, beside pflogsumm and `grep -c` on the same file, by turns in one run.

The log is generated: a busy Postfix, a hundred thousand messages a day, one address to twenty lines (a bulk sender's), and a second one
with 5,000 addresses in all (a sender to the same few). Everything is learned and committed. Another part compares a tenth of the log with
all of it, and the last `suppressctl classify` with grep. Memory is the peak of the process; SQLite's cache may take 32 MiB of it.
"""

import os

from ratio import describe, median
from scene import Run, say

_CACHE = 32


def _replay(scene, log):
    folder = scene.workspace.folder("replay")
    database = os.path.join(folder, "new.db")
    for end in ("", "-wal", "-shm"):
        if os.path.exists(database + end):
            os.unlink(database + end)
    return Run(os.path.join(scene.build, "src", "suppressctl"), "--db", database, "replay", log)


def _grep(scene, log):
    # Into a file: grep stops at the first hit when its output is /dev/null.
    with open(os.path.join(scene.workspace.folder("replay"), "count"), "wb") as count:
        return Run("grep", "-c", "status=", log, output=count)


def _line(name, runs, lines):
    seconds = median([run.seconds for run in runs])
    cpu, peak = median([run.cpu for run in runs]), max(run.peak for run in runs)
    say(f"  {name:20} {seconds:7.2f} s {cpu:7.2f} s CPU {lines / seconds:12,.0f} lines/s   peak {peak:.0f} MiB")


def _beside_others(scene, lines, addresses=None):
    log = scene.log_of(lines, addresses)
    commands = {
        "suppressctl replay": lambda: _replay(scene, log),
        "pflogsumm": lambda: Run("pflogsumm", log),
        "grep -c status=": lambda: _grep(scene, log),
    }
    commands["grep -c status="]()  # the file is in the system's cache
    runs = {name: [] for name in commands}
    for _ in range(scene.pairs):
        for name, command in commands.items():
            runs[name].append(command())
    say(f"replay: {lines:,} lines about {addresses or lines // 20:,} addresses, {scene.pairs} rounds")
    for name in commands:
        _line(name, runs[name], lines)
    ours = runs["suppressctl replay"]
    ratios = [other.seconds / own.seconds for other, own in zip(runs["pflogsumm"], ours)]
    say(f"  as fast as pflogsumm, times: {describe(ratios, 10)}")
    peak = max(run.peak for run in ours) - _CACHE
    say(f"  memory beside SQLite's cache of {_CACHE} MiB: {peak:.0f} MiB, target below 64: {'reached' if peak < 64 else 'MISSED'}")


def _scaling(scene, lines):
    pairs = min(5, scene.pairs)
    tenth, whole = scene.log_of(lines // 10), scene.log_of(lines)
    runs = [(_replay(scene, tenth), _replay(scene, whole)) for _ in range(pairs)]
    ratios = [big.seconds / small.seconds for small, big in runs]
    say(f"  {lines:,} lines to {lines // 10:,}, times as long: {median(ratios):.1f}, target at most 12: "
        f"{'reached' if median(ratios) <= 12 else 'MISSED'}; peak {max(big.peak for _, big in runs):.0f} MiB to "
        f"{max(small.peak for small, _ in runs):.0f} MiB")


def _classify(scene):
    log = scene.log_of(1_000_000)
    runs = [(Run(os.path.join(scene.build, "src", "suppressctl"), "classify", log), _grep(scene, log))
            for _ in range(min(5, scene.pairs))]
    say("classify: 1,000,000 lines")
    _line("suppressctl classify", [ours for ours, _ in runs], 1_000_000)
    _line("grep -c status=", [grep for _, grep in runs], 1_000_000)


def main(scene):
    lines = 1_000_000 if scene.quick else 10_000_000
    _beside_others(scene, lines)
    _beside_others(scene, 1_000_000, 5_000)
    _scaling(scene, lines)
    _classify(scene)
