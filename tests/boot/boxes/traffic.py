"""Mail in a box without a pause, and restarts under it: sessions that each name a suppressed recipient and a good one."""

import dataclasses
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
                except Exception as error:  # pylint: disable=broad-except  # whatever it is, the test says that it must not be
                    session.error = repr(error)
                session.ended = time.monotonic()
                self.sessions.append(session)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def restart(self, service):
        service.restart()
        times = (int(service.show(f"{name}TimestampMonotonic")) / 1e6 for name in ("ActiveExit", "InactiveEnter"))
        self.restarts.append(Restart(*times))

    def passed(self):
        """Sessions in which the suppressed recipient was accepted: (those that met an old process which ended, the others)."""
        passed = [session for session in self.sessions if session.code == 250]
        met = [session for session in passed if any(session.begun < old.stopped and old.stopping < session.ended for old in self.restarts)]
        return met, [session for session in passed if session not in met]

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(90)
