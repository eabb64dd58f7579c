"""memory: what the daemon keeps resident for each size of the list, after recipients on it and beside it were asked about."""

import os

from harness.postfix import Postfix
from harness.remote import Remote
from harness.tools import run

import rcpt
from scene import memory_of, say


def main(scene):
    sizes = [1_000_000] if scene.quick else [1_000_000, 5_000_000, 10_000_000]
    say("memory: resident memory of suppressd after 20,000 RCPT, half of them hits")
    remote = Remote()
    scene.later(remote.close)
    for entries in sizes:
        folder = f"memory-{entries}"
        mta = Postfix(scene.workspace, remote, f"unix:{scene.workspace.path}/{folder}/suppressd.sock", rcpt.LIMITS, name=f"mta-{entries}")
        scene.later(mta.stop)
        database = scene.own_list_of(entries)
        daemon = scene.daemon(folder, mta.log, database)
        mta.start()
        for kind in ("miss", "hit"):
            run(scene.tool("bench_rcpt"), mta.port, kind, 10000, entries, 1, timeout=600)
        resident, peak = memory_of(daemon.pid)
        say(f"  {entries:12,} entries, database {os.path.getsize(database) >> 20:6,} MiB: resident {resident:.0f} MiB, peak {peak:.0f} MiB")
        mta.stop()
        daemon.stop()
