"""Mail of several hosts to domains and providers of which the truth is known, and the log that their Postfix writes: for incidents of our
own.

An OwnLog is told of sends one by one; what their servers answer is the caller's to say. It is a function of its seed.
"""

import random
import time

MINUTE, HOUR, DAY = 60, 3600, 86400
RETRY = 4000  # seconds

SENT = "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
RESOLVER_FAILS = "dsn=4.4.3, status=deferred (Host or domain name not found. Name service error for name={} type=MX: Host not found, try again)"
NO_SUCH_DOMAIN = "dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name={} type=AAAA: Host not found)"
NO_ANSWER = "dsn=4.4.1, status=deferred (connect to mx.{}[192.0.2.9]:25: Connection timed out)"


def refused(relay, text, dsn="5.7.1", deferred=False):
    status = "deferred" if deferred else "bounced"
    return f"dsn={dsn}, status={status} (host {relay} said: {text} (in reply to end of DATA command))"


class OwnLog:
    def __init__(self, seed, retry=RETRY):
        self.dice, self.retry = random.Random(seed), retry
        self._lines = []  # (at, number, line)
        self._number = 0

    def send(self, at, host, sender, to, answers, lifetime=5 * DAY):
        """`answers(at)`: the relay, and how the attempt ends; a deferred one is tried again until the lifetime is over."""
        self._number += 1
        queue_id = f"{self._number:010X}"
        entered = at
        self._line(at, host, "qmgr", f"{queue_id}: from=<{sender}>, size=400, nrcpt=1 (queue active)")
        while True:
            relay, end = answers(at)
            delay = at - entered
            self._line(at, host, "smtp", f"{queue_id}: to=<{to}>, relay={relay}, delay={delay}, delays=0/0/0/{delay}, {end}")
            if "status=deferred" not in end:
                break
            if delay >= lifetime:
                self._line(at, host, "qmgr", f"{queue_id}: from=<{sender}>, status=expired, returned to sender")
                break
            at += int(self.retry * (0.9 + 0.2 * self.dice.random()))
        self._line(at, host, "qmgr", f"{queue_id}: removed")

    def _line(self, at, host, service, text):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at))
        self._lines.append((at, len(self._lines), f"{stamp} {host} postfix/{service}[7]: {text}"))

    def lines(self):
        return [line for _, _, line in sorted(self._lines)]
