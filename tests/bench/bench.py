"""Runs the benchmarks named on the command line; see run.sh."""

import argparse
import os
import platform

import lookup
import memory
import rcpt
import refusal
import replay
import tags
from scene import Scene, say

_ALL = {"refusal": refusal.main, "rcpt": rcpt.main, "lookup": lookup.main, "replay": replay.main, "memory": memory.main,
        "tags": tags.main}
_SEPARATE = {"large": lookup.large}


def _machine():
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        model = next((line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")), platform.machine())
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{os.cpu_count()} CPUs ({model}), {memory_gib} GiB, load {os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--data")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("names", nargs="*", choices=[*_ALL, *_SEPARATE, []])
    options = parser.parse_args()
    say(_machine())
    for name in options.names or _ALL:
        say()
        with Scene(os.path.abspath(options.build), options.data, options.quick) as scene:
            (_ALL | _SEPARATE)[name](scene)


if __name__ == "__main__":
    main()
