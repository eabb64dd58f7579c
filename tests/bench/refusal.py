"""refusal: from the MTA's bounce line in its log to the refusal of the next mail to that address.

How: a real Postfix delivers to a dead mailbox. An inotify watch on the log wakes us when it grows; from the moment the line with
`to=<address>` and `status=bounced` can be read, `MAIL, RCPT, RSET` for that address go through an open SMTP session, pipelined, again and
again, until RCPT is refused. The time counted ends when that answer is read, so it holds all of the asking: `one question` below is what
one round of it costs, and half of that is the resolution. Ten addresses are warm-up.
"""

import ctypes
import os
import select
import socket
import time

from harness.mail import send
from harness.postfix import Postfix
from harness.remote import Remote

from ratio import median, percentile
from scene import say

_IN_MODIFY = 2


class _Log:
    """The growing end of a file."""

    def __init__(self, path):
        self._file = open(path, "rb")
        self._file.seek(0, os.SEEK_END)
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._watch < 0 or libc.inotify_add_watch(self._watch, path.encode(), _IN_MODIFY) < 0:
            raise OSError(ctypes.get_errno(), "inotify")
        self._rest = b""

    def wait_for(self, *words, timeout=30):
        """Returns the moment at which a line with all the words could be read."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            new = self._file.read()
            seen = time.monotonic()
            *lines, self._rest = (self._rest + new).split(b"\n")
            if any(all(word in line for word in words) for line in lines):
                return seen
            if not new:
                select.select([self._watch], [], [], 1.0)
                try:
                    os.read(self._watch, 65536)
                except BlockingIOError:
                    pass
        raise TimeoutError(f"no line with {words}")


class _Asker:
    """An open SMTP session that asks about a recipient without sending mail."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._socket.makefile("rb")
        self._reply()
        self._socket.sendall(b"EHLO client.sender.example\r\n")
        self._reply()

    def _reply(self):
        while (line := self._lines.readline())[3:4] == b"-":
            pass
        return line

    def refused(self, address):
        self._socket.sendall(f"MAIL FROM:<news@sender.example>\r\nRCPT TO:<{address}>\r\nRSET\r\n".encode())
        self._reply()
        answer = self._reply()
        self._reply()
        if answer[:3] not in (b"250", b"550"):
            raise RuntimeError(f"RCPT was answered {answer!r}")
        return answer.startswith(b"550")

    def close(self):
        self._socket.close()


def main(scene):
    remote = Remote()
    scene.later(remote.close)
    mta = Postfix(
        scene.workspace,
        remote,
        f"unix:{scene.workspace.path}/suppressd/suppressd.sock",
        {"smtpd_junk_command_limit": "1000000", "smtpd_error_sleep_time": "0", "smtpd_hard_error_limit": "1000000"},
    )
    scene.later(mta.stop)
    scene.daemon("suppressd", mta.log, hard__burst=1000000)
    mta.start()
    log = _Log(mta.log)
    asker = _Asker(mta.port)
    scene.later(asker.close)
    count = 50 if scene.quick else 200

    spans, questions = [], []
    for number in range(count + 10):
        address = f"dead.{number}@d{number}.example"
        begun = time.monotonic()
        for _ in range(20):
            asker.refused(f"alive.{number}@d{number}.example")
        questions.append((time.monotonic() - begun) / 20)
        send(mta.port, address)
        written = log.wait_for(f"to=<{address}>".encode(), b"status=bounced")
        while not asker.refused(address):
            if time.monotonic() > written + 10:
                raise TimeoutError(f"{address} is not refused after 10 s")
        spans.append(time.monotonic() - written)
    spans = [span * 1000 for span in spans[10:]]

    say(f"refusal: from the bounce line to the refusal of the next mail, {count} addresses, real Postfix")
    p50, p99 = median(spans), percentile(spans, 0.99)
    say(f"  p50 {p50:.2f} ms (target below 10: {'reached' if p50 < 10 else 'MISSED'}), p95 {percentile(spans, 0.95):.2f} ms, "
        f"p99 {p99:.2f} ms (target below 50: {'reached' if p99 < 50 else 'MISSED'}), longest {max(spans):.2f} ms")
    say(f"  one question, which is part of each: p50 {median(questions) * 1000:.2f} ms")
