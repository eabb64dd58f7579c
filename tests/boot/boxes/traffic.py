"""Mail without a pause, and restarts meanwhile: sessions that name a suppressed recipient and a good one."""

import dataclasses
import itertools
import threading
import time

from harness import mail


@dataclasses.dataclass
class Restart:
    """When the old process was told to stop and when it was gone, by the same clock."""

    stopping: float
    stopped: float


@dataclasses.dataclass
class Session:
    begun: float
    ended: float = 0.0
    code: int = 0  # The answer to the suppressed recipient.
    error: str = ""


class Traffic:
    """Runs while its `with` block does; then `sessions` holds all of them."""

    def __init__(self, box, port, listed, good, threads=2):
        self.sessions = []
        self.restarts = []
        self._box = box
        self._port = port
        self._recipients = (listed, good)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def _run(self):
        with self._box.network():
            while not self._over.wait(0.02):
                session = Session(time.monotonic())
                try:
                    session.code = mail.send(self._port, *self._recipients).code(self._recipients[0])
                except Exception as error:  # pylint: disable=broad-except  # the test tells of it
                    session.error = repr(error)
                session.ended = time.monotonic()
                self.sessions.append(session)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def restart(self, service):
        service.restart()
        names = ("ActiveExitTimestampMonotonic", "InactiveEnterTimestampMonotonic")
        self.restarts.append(Restart(*(int(service.show(name)) / 1e6 for name in names)))

    def passed(self):
        """Sessions that let the suppressed recipient pass: those that met a process's end, and the others."""

        def met_its_end(session):
            return any(session.begun < old.stopped and old.stopping < session.ended for old in self.restarts)

        passed = [session for session in self.sessions if session.code == 250]
        return list(filter(met_its_end, passed)), list(itertools.filterfalse(met_its_end, passed))

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(90)
