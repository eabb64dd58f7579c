"""Postfix's maps over the daemon's database, as the examples in conf/ make them."""

import os
import pwd

from .tools import DAEMON_UID, Unavailable, run


def let_postfix_read(daemon, mta):
    """The daemon's group becomes postfix's, which may read the database but not write it. Before it starts."""
    if "sqlite" not in run("postconf", "-c", mta.config, "-m").stdout.split():
        raise Unavailable("postfix-sqlite is not installed")
    group = pwd.getpwnam("postfix").pw_gid
    os.chown(daemon.folder, DAEMON_UID, group)
    os.chmod(daemon.folder, 0o750)
    daemon.launcher = ("setpriv", f"--reuid={DAEMON_UID}", f"--regid={group}", f"--groups={DAEMON_UID}")


def write_map(path, example, daemon):
    """That of conf/EXAMPLE, for the daemon's database."""
    with open(os.path.join(os.environ["SUPPRESSD_SOURCE"], "conf", example), encoding="ascii") as file:
        text = file.read().replace("/var/lib/suppressd/suppressd.db\n", f"{daemon.database}\n")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
