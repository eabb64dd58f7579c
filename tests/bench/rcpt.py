"""rcpt: RCPT commands a second through one real Postfix, whose services differ in nothing but what checks the recipient.

Services, one smtpd port each: no filter; a milter that does nothing; suppressd at two sizes of the list; check_recipient_access with
sqlite:, proxy:sqlite: and lmdb: maps of the same entries. Every round visits all of them in a new order; ratios are made within a round.
Hits are refused, misses accepted. Beside each rate stands what a recipient costs all processes on the server's side together in CPU time,
which another load on the machine disturbs less. `cold` rounds take the list's files out of the system's file cache first; a map that
Postfix has mapped into its memory (lmdb) stays there.
"""

import os
import random
import subprocess

from harness.postfix import Postfix
from harness.remote import Remote
from harness.tools import free_port, listens, run, wait_until

from ratio import describe, median
from scene import children_of, cpu_of, memory_of, say, wait_for_socket

LIMITS = {
    "smtpd_recipient_limit": "100000",
    "smtpd_soft_error_limit": "100000000",
    "smtpd_hard_error_limit": "100000000",
    "smtpd_error_sleep_time": "0",
    "smtpd_junk_command_limit": "100000000",
}
_ENTRY_QUERY = "SELECT 'REJECT recipient suppressed' FROM suppression WHERE address = '%s'"


class Service:
    """One smtpd: its name in the table, its port, the files of its list, and whether it can refuse."""

    def __init__(self, name, entries, options="", files=(), refuses=True):
        self.name, self.entries, self.options, self.files, self.refuses = name, entries, options, files, refuses
        self.port = free_port()


def _milter(socket):
    return f"-o {{ smtpd_milters = {{ unix:{socket}, default_action=tempfail }} }}"


def _map(name):
    return f"-o {{ smtpd_recipient_restrictions = check_recipient_access {name}, permit_mynetworks, reject }}"


def _lmdb(scene, entries):
    """An lmdb: map of the list, made by postmap from the database."""
    path = os.path.join(scene.data, f"access-{entries}")
    if not os.path.exists(path + ".lmdb"):
        say(f"(postmap lmdb: of {entries:,} entries)")
        config = scene.workspace.folder("postmap")
        with open(os.path.join(config, "main.cf"), "w", encoding="ascii") as file:
            file.write("lmdb_map_size = 17179869184\n")
        dump = ["sqlite3", "-readonly", "-separator", " ", scene.list_of(entries), "SELECT address, 'REJECT' FROM suppression"]
        with open(path, "wb") as file:
            subprocess.run(dump, stdout=file, check=True)
        run("postmap", "-c", config, f"lmdb:{path}", timeout=7200)
    return f"lmdb:{path}", [path + ".lmdb"]


def _services(scene, mta_log, sizes):
    socket = os.path.join(scene.workspace.folder("noop", mode=0o777), "socket")
    noop = scene.process(scene.tool("bench_noop_milter"), f"unix:{socket}").pid
    wait_for_socket(socket)
    os.chmod(socket, 0o666)
    services = [Service("no filter", sizes[0], refuses=False), Service("noop milter", sizes[0], _milter(socket), refuses=False)]
    daemons = {}
    for entries in sizes:
        database = scene.own_list_of(entries)
        name = f"suppressd {entries // 1000000}M"
        daemons[name] = scene.daemon(f"suppressd-{entries}", mta_log, database, hard__burst=1000000)
        services.append(Service(name, entries, _milter(f"{daemons[name].folder}/suppressd.sock"), [database]))
    entries = sizes[-1]
    # Not the daemon's own file: Postfix dies of "attempt to write a readonly database" when it reads a WAL database that is being written.
    copy = os.path.join(scene.data, f"access-{entries}.db")
    if not os.path.exists(copy):
        run("sqlite3", scene.list_of(entries), f"VACUUM INTO '{copy}'", timeout=7200)
        os.chmod(copy, 0o644)
    config = os.path.join(scene.workspace.path, "access.sqlite")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"dbpath = {copy}\nquery = {_ENTRY_QUERY}\n")
    name, files = _lmdb(scene, entries)
    size = f"{entries // 1000000}M"
    services.append(Service(f"lmdb: {size}", entries, _map(name), files))
    services.append(Service(f"sqlite: {size}", entries, _map(f"sqlite:{config}"), [copy]))
    services.append(Service(f"proxy:sqlite: {size}", entries, _map(f"proxy:sqlite:{config}"), [copy]))
    return services, daemons, noop, f"proxy:sqlite:{config}"


class Round:
    """Seconds of every service, and the CPU seconds that a recipient costs all that serve it, visited in a random order."""

    def __init__(self, scene, mta, daemons, services, kind, count, cold):
        self.seconds, self.cpu = {}, {}
        with open(os.path.join(mta.queue, "pid", "master.pid"), encoding="ascii") as file:
            master = int(file.read())
        for service in random.sample(services, len(services)):
            files = service.files if cold else []
            before = cpu_of([*children_of(master), *daemons])
            try:
                words = (service.port, kind, count, service.entries, random.randrange(1 << 31), *files)
                result = run(scene.tool("bench_rcpt"), *words, timeout=600)
            except RuntimeError as error:
                raise RuntimeError(f"{service.name}: {error}the mail log ends:\n" + "\n".join(mta.log_text().splitlines()[-5:])) from error
            seconds, recipients = result.stdout.split()
            self.seconds[service.name] = float(seconds)
            after = cpu_of([*children_of(master), *daemons])
            self.cpu[service.name] = sum(used - before.get(pid, 0) for pid, used in after.items()) / 1e9 / int(recipients)


def _measure(scene, mta, daemons, services, kind, count, cold, rounds):
    Round(scene, mta, daemons, services, kind, min(count, 2000), False)  # all processes are there, all files warm
    done = [Round(scene, mta, daemons, services, kind, count, cold) for _ in range(rounds)]
    seconds = {service.name: [one.seconds[service.name] for one in done] for service in services}
    cpu = {service.name: [one.cpu[service.name] for one in done] for service in services}
    say()
    say(f"rcpt, {'hits' if kind == 'hit' else 'misses'}{', cold' if cold else ''}: {rounds} rounds of {count:,} RCPT a service")
    base = "noop milter" if kind == "miss" else None
    for service in services:
        rate = count / median(seconds[service.name])
        line = f"  {service.name:18} {rate:10,.0f} /s {median(cpu[service.name]) * 1e6:6.0f} us CPU"
        if base and service.name != base:
            ratios = [one / other for one, other in zip(seconds[base], seconds[service.name])]
            target = None
            if service.name.startswith("suppressd") and not cold:
                target = 0.98 if service.entries >= 10_000_000 else 0.95
            line += f"   to the noop milter {describe(ratios, target)}"
            line += f"; by CPU {describe([one / other for one, other in zip(cpu[base], cpu[service.name])])}"
        say(line)
    maps = [service for service in services if ":" in service.name]
    asked = [service for service in services if service.name.startswith("suppressd")][-1]
    for other in maps:
        ratios = [theirs / ours for theirs, ours in zip(seconds[other.name], seconds[asked.name])]
        say(f"  {asked.name} to {other.name}: {describe(ratios, None if cold else 1.0)}")


def main(scene):
    sizes = [1_000_000] if scene.quick else [1_000_000, 10_000_000]
    count = 8000
    rounds = 5 if scene.quick else 41  # short ones and many: what else the machine does changes from second to second
    remote = Remote()
    scene.later(remote.close)
    mta = Postfix(scene.workspace, remote, parameters=LIMITS)
    services, daemons, noop, proxied = _services(scene, mta.log, sizes)
    mta.settings["proxy_read_maps"] = proxied
    with open(os.path.join(mta.config, "main.cf"), "a", encoding="ascii") as file:
        file.write(f"proxy_read_maps = {proxied}\n")
    with open(os.path.join(mta.config, "master.cf"), "a", encoding="ascii") as file:
        for service in services:
            file.write(f"127.0.0.1:{service.port} inet n - n - - smtpd {service.options}\n")
    scene.later(mta.stop)
    mta.start()
    for service in services:
        wait_until(lambda service=service: listens("127.0.0.1", service.port), f"the service {service.name}")

    pids = [daemon.pid for daemon in daemons.values()] + [noop]
    refusing = [service for service in services if service.refuses]
    _measure(scene, mta, pids, services, "miss", count, False, rounds)
    _measure(scene, mta, pids, refusing, "hit", count // 2, False, scene.pairs)
    _measure(scene, mta, pids, services, "miss", 1000, True, scene.pairs)
    _measure(scene, mta, pids, refusing, "hit", 1000, True, scene.pairs)
    say()
    for name, daemon in daemons.items():
        resident, peak = memory_of(daemon.pid)
        say(f"  {name}: resident {resident:.0f} MiB, peak {peak:.0f} MiB")
