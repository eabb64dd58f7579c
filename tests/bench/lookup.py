"""lookup: what the daemon does for one recipient and one log line, in its own process (Google Benchmark; see lookup.cpp)."""

import json
import os
import signal
import subprocess

from ratio import describe, median
from scene import say


def measure(scene, entries=None, log=None, only=None, seconds=0.5, database=None):
    """Name of each benchmark to its counters."""
    argv = [scene.tool("bench_lookup"), "--benchmark_format=json", f"--benchmark_min_time={seconds}"]
    if entries:
        argv += [f"--database={database or scene.list_of(entries)}", f"--entries={entries}"]
    if log:
        argv += [f"--log={log}"]
    if only:
        argv += [f"--benchmark_filter={only}"]
    output = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    results = {}
    for result in json.loads(output)["benchmarks"]:
        if result.get("error_occurred"):
            raise RuntimeError(f"{result['name']}: {result['error_message']}")
        results[result["name"].removesuffix("/manual_time")] = result
    return results


def _table(scene, sizes, rounds):
    for entries in sizes:  # read once, so that all are as warm as memory allows
        with open(scene.list_of(entries), "rb") as file:
            while file.read(1 << 24):
                pass
    found = {}
    for _ in range(rounds):
        for entries in sizes:
            for name, result in measure(scene, entries).items():
                found.setdefault((name, entries), []).append(result)
    say(f"  {'':14} {'entries':>12} {'p50':>9} {'p99':>9} {'mean':>9}")
    for (name, entries), results in sorted(found.items()):
        p50, p99, mean = (median([result[key] / 1000 for result in results]) for key in ("p50_ns", "p99_ns", "real_time"))
        say(f"  {name:14} {entries:12,} {p50:6.2f} us {p99:6.2f} us {mean:6.2f} us")
    return {key: [result["p50_ns"] for result in results] for key, results in found.items()}


def _beside_a_writer(scene, entries, rounds):
    """The same while another process learns a log into the database as fast as it can; what it has learned is forgotten, for an event that
    is known writes nothing."""
    database = scene.own_list_of(entries)
    log = scene.log_of(1_000_000)
    replay = os.path.join(scene.build, "src", "suppressctl")
    forget = "DELETE FROM cursor; DELETE FROM evidence; DELETE FROM recipient"
    found = {}
    for _ in range(rounds):
        writer = subprocess.Popen(
            ["sh", "-c", 'while "$0" --db "$1" replay "$2"; do sqlite3 "$1" "$3"; done', replay, database, log, forget],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for name, result in measure(scene, entries, only="verdict", seconds=1, database=database).items():
            found.setdefault(name, []).append(result)
        os.killpg(writer.pid, signal.SIGTERM)
        writer.wait()
    for name, results in sorted(found.items()):
        p50, p99 = (median([result[key] / 1000 for result in results]) for key in ("p50_ns", "p99_ns"))
        say(f"  {name:14} {entries:12,} {p50:6.2f} us {p99:6.2f} us, p99 target below 1000: {'reached' if p99 < 1000 else 'MISSED'}")


def main(scene):
    sizes = [1_000_000] if scene.quick else [1_000_000, 5_000_000, 10_000_000]
    rounds = 3 if scene.quick else 7
    say(f"lookup: one recipient, warm, median of {rounds} rounds over all sizes by turns")
    found = _table(scene, sizes, rounds)
    p50 = max(median(values) / 1000 for (name, _), values in found.items() if name.startswith("verdict"))
    say(f"  verdict p50 at most {p50:.2f} us, target at most 10: {'reached' if p50 <= 10 else 'MISSED'}")
    say("  beside a process that learns a log into it:")
    _beside_a_writer(scene, 1_000_000, rounds)
    log = scene.log_of(1_000_000)
    for name, result in measure(scene, log=log).items():
        say(f"  {name}: {result['items_per_second']:,.0f} a second")


def large(scene):
    """The separate run with 50 million entries beside 5 million."""
    if not os.path.exists(os.path.join(scene.data, "list-50000000.db")) and scene.free_space() < 15 << 30:
        raise RuntimeError(f"a list of 50,000,000 entries needs 15 GB in {scene.data} (SUPPRESSD_BENCH_DATA names another folder)")
    say("large: the same at 50,000,000 entries, beside 5,000,000")
    found = _table(scene, [5_000_000, 50_000_000], 7)
    for kind in ("hit", "miss"):
        name = f"verdict/{kind}"
        ratios = [big / small for big, small in zip(found[name, 50_000_000], found[name, 5_000_000])]
        say(f"  {name}, p50 at 50 million / at 5 million: {describe(ratios, 1.3, most=True)}")
