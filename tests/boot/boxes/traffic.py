"""Mail without a pause, and restarts meanwhile: sessions that name a suppressed recipient and a good one."""

import dataclasses
import itertools
import threading
import time

from harness import mail


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
        self.restarts = []  # When the old process was told to stop, by the clock of the sessions.
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
        self.restarts.append(int(service.show("ActiveExitTimestampMonotonic")) / 1e6)

    def passed(self):
        """Sessions that let the suppressed recipient pass: those that were open when a process was told to stop, and the others."""

        def was_open(session):
            return any(session.begun < stopping < session.ended for stopping in self.restarts)

        passed = [session for session in self.sessions if session.code == 250]
        return list(filter(was_open, passed)), list(itertools.filterfalse(was_open, passed))

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(90)
