"""Much at once beside a real Postfix: a thousand connections, a thousand recipients, restarts and stops while mail comes in, a log that
floods, a line without an end. Nobody gets an error that is ours, and verdicts go on.
"""

import collections
import itertools
import os
import socket
import threading
import time
import unittest

from harness.case import MtaTest
from harness.mail import SENDER, send
from harness.postfix import milter
from harness.tools import wait_until

_MANY = 1000
_ROOMY = {
    "default_process_limit": str(_MANY + 100),
    "smtpd_client_connection_count_limit": "0",
    "smtpd_recipient_limit": str(2 * _MANY),
    "smtpd_recipient_overshoot_limit": str(2 * _MANY),
    "smtpd_timeout": "120s",
    "milter_connect_timeout": "60s",
    "milter_command_timeout": "60s",
}
_MEMORY = 64 << 20  # Beside SQLite's cache, which is small here.
_MEMORY_OF_A_SESSION = 64 << 10  # libmilter starts a thread for each that is answered at the same moment.


class _Client:
    """One SMTP session; many can be sent commands before the first answer is read."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._replies = self._socket.makefile("rb")

    def say(self, line):
        self._socket.sendall(line.encode() + b"\r\n")

    def hear(self):
        while True:
            line = self._replies.readline().decode()
            if line[3:4] != "-":
                return line[:3]

    def close(self):
        self._replies.close()
        self._socket.close()


def _sanitized(daemon):
    """Built with a sanitizer, whose own memory does not count."""
    with open(f"/proc/{daemon.pid}/maps", encoding="utf-8") as maps:
        mapped = maps.read()
    return any(name in mapped for name in ("libasan", "libtsan"))


def _all(clients, line):
    for client in clients:
        client.say(line)
    return {client.hear() for client in clients}


class LoadTest(MtaTest):
    def expect_little_memory(self, daemon, sessions=0):
        if not _sanitized(daemon):
            self.assertLess(daemon.most_memory(), _MEMORY + sessions * _MEMORY_OF_A_SESSION)


class Crowd(LoadTest):
    def test_a_thousand_connections_at_once_are_all_answered(self):
        daemon, mta = self.pair(parameters=_ROOMY)
        daemon.ctl("add", "listed@d.example")
        clients = [_Client(mta.port) for _ in range(_MANY)]
        try:
            self.assertEqual({client.hear() for client in clients}, {"220"})
            self.assertEqual(_all(clients, "EHLO client.sender.example"), {"250"})
            self.assertEqual(_all(clients, f"MAIL FROM:<{SENDER}>"), {"250"})
            self.assertEqual(_all(clients, "RCPT TO:<listed@d.example>"), {"550"})
            self.assertEqual(_all(clients, "RCPT TO:<good@a.example>"), {"250"})
            self.expect_little_memory(daemon, _MANY)
            self.assertEqual(_all(clients, "QUIT"), {"221"})
        finally:
            for client in clients:
                client.close()
        wait_until(
            lambda: daemon.query("SELECT count(*) FROM refusal WHERE outcome = 'refused'") == [(_MANY,)], "every refusal to be recorded"
        )

    def test_a_thousand_recipients_of_one_message_get_a_verdict_each(self):
        daemon, mta = self.pair(parameters=_ROOMY)
        listed = [f"listed{number}@d.example" for number in range(_MANY // 2)]
        good = [f"good{number}@a.example" for number in range(_MANY // 2)]
        daemon.ctl("add", *listed)
        mixed = [address for pair in zip(listed, good) for address in pair]
        submission = send(mta.port, *mixed)
        self.assertEqual({submission.code(address) for address in listed}, {550})
        self.assertEqual({submission.code(address) for address in good}, {250})
        self.assertEqual(submission.data[:3], "250")
        mta.wait_empty()
        mta.sendmail(*mixed)
        mta.wait_empty()
        received = [to for mail in self.remote.messages(good[0]) for to in mail.recipients]
        self.assertFalse(set(received) & set(listed))
        wait_until(lambda: daemon.query("SELECT count(*) FROM refusal") == [(_MANY,)], "every refusal to be recorded")


class Traffic:
    """Sessions one after another on several connections at a time, each with a good and a suppressed recipient, up to the first 4xx."""

    connections = 8

    def __init__(self, port):
        self.sessions = []  # The codes of MAIL, the good recipient, the suppressed one, DATA, as far as it came.
        self.errors = []
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(port,)) for _ in range(self.connections)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _run(self, port):
        while not self._stopped.is_set():
            try:
                self.sessions.append(self._session(port))
            except OSError as error:
                self.errors.append(repr(error))

    def _session(self, port):
        client = _Client(port)
        try:
            codes = [client.hear()]
            client.say("EHLO client.sender.example")
            codes.append(client.hear())
            for line in (f"MAIL FROM:<{SENDER}>", "RCPT TO:<good@a.example>", "RCPT TO:<listed@d.example>", "DATA"):
                client.say(line)
                codes.append(client.hear())
                if codes[-1][0] == "4":
                    return codes
            client.say("Subject: load\r\n\r\nHello.\r\n.")
            return [*codes, client.hear()]
        finally:
            client.close()

    def goes_on(self, sessions=20):
        more = len(self.sessions) + sessions
        wait_until(lambda: len(self.sessions) >= more, "mail to be answered")


_SERVED = ["220", "250", "250", "250", "550", "354", "250"]


class Restart(MtaTest):
    def setUp(self):
        super().setUp()
        self.socket = f"unix:{self.workspace.path}/suppressd/suppressd.sock"
        self.starts = 0

    def begin(self, default_action, held):
        mta = self.postfix(parameters={"smtpd_milters": milter(self.socket, default_action)})
        daemon = self.suppressd(mta.log, log__level="info")
        if held:
            daemon.listen()
        self.start(daemon)
        daemon.ctl("add", "listed@d.example")
        return daemon, mta.start()

    def start(self, daemon):
        """A socket that is held outside accepts connections before the daemon serves: wait until the daemon is ready."""
        daemon.start()
        self.starts += 1
        wait_until(lambda: daemon.said().count("serves on") == self.starts, "suppressd to say that it serves")

    def restart_under_load(self, daemon, mta):
        """Codes of all sessions; how often each kind of them came."""
        with Traffic(mta.port) as traffic:
            traffic.goes_on()
            for end in [daemon.stop, daemon.kill] * 3:
                status = end()
                if end == daemon.stop:
                    self.assertEqual(status, 0, "a stop that ends by itself")
                time.sleep(0.3)
                self.start(daemon)
                traffic.goes_on()
        self.assertEqual(traffic.errors, [])
        return collections.Counter(tuple(session) for session in traffic.sessions)

    def expect_nothing_but_tempfails(self, sessions):
        """Besides sessions that were served as always: those that ended with one 4xx, before anything else was wrong."""
        for session in sessions:
            if session[-1][0] == "4":
                self.assertEqual(list(session[:-1]), _SERVED[: len(session) - 1])
            else:
                self.assertEqual(list(session), _SERVED)

    def test_mail_flows_while_it_restarts(self):
        sessions = self.restart_under_load(*self.begin("accept", held=False))
        unfiltered = [*_SERVED[:4], "250", *_SERVED[5:]]
        self.assertLessEqual(set(sessions), {tuple(_SERVED), tuple(unfiltered)})

    def test_bulk_mail_waits_while_it_restarts(self):
        self.expect_nothing_but_tempfails(self.restart_under_load(*self.begin("tempfail", held=False)))

    def test_with_the_socket_unit_only_sessions_that_were_open_notice(self):
        sessions = self.restart_under_load(*self.begin("tempfail", held=True))
        self.expect_nothing_but_tempfails(sessions)
        self.assertLessEqual(sessions.total() - sessions[tuple(_SERVED)], Traffic.connections * 6, "one for each connection and restart")

    def test_with_the_socket_unit_a_new_session_waits_for_the_start(self):
        daemon, mta = self.begin("tempfail", held=True)
        for end in (daemon.stop, daemon.kill):
            end()
            answers = []
            client = threading.Thread(target=lambda: answers.append(send(mta.port, "good@a.example", "listed@d.example")))
            client.start()
            time.sleep(0.5)
            self.assertEqual(answers, [])
            self.start(daemon)
            client.join()
            self.assertEqual([answers[0].code(to) for to in answers[0].recipients], [250, 550])


def _chatter(messages):
    """Log lines of this many delivered messages, as one block of bytes."""
    stamp = time.strftime("%b %d %H:%M:%S")
    lines = []
    for number in range(messages):
        message_id = f"{number % 0xFFFFFF:06X}BEEF"
        head = f"{stamp} mta postfix/"
        lines += [
            f"{head}smtpd[7]: {message_id}: client=app.sender.example[192.0.2.7]\n",
            f"{head}qmgr[2]: {message_id}: from=<news@sender.example>, size=700, nrcpt=1 (queue active)\n",
            f"{head}smtp[9]: {message_id}: to=<someone{number}@e.example>, relay=mx.e.example[192.0.2.25]:25, delay=0.3, "
            "delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued)\n",
            f"{head}qmgr[2]: {message_id}: removed\n",
        ]
    return "".join(lines).encode()


class Flood(LoadTest):
    def test_verdicts_continue_and_nothing_is_lost_while_the_log_grows_fast(self):
        daemon, mta = self.pair()
        daemon.ctl("add", "listed@d.example")
        block = _chatter(10000)
        written = 0
        with open(mta.log, "ab", buffering=0) as log:
            begun = time.monotonic()
            for turn in itertools.count():
                log.write(block)
                written += 40000
                if turn % 5 == 0:
                    submission = send(mta.port, "listed@d.example", f"dead.{turn}@b.example")
                    self.assertEqual([submission.code(to) for to in submission.recipients], [550, 250])
                if written >= 1_000_000:
                    break
                time.sleep(max(0.0, begun + written / 200_000 - time.monotonic()))
        mta.wait_empty()
        daemon.settle(120)
        self.assertEqual(len([address for address in daemon.suppressed() if address.startswith("dead.")]), 5)
        self.assertEqual(daemon.query("SELECT reason FROM gap"), [])
        self.expect_little_memory(daemon)

    def test_a_line_of_a_gigabyte_is_passed_over(self):
        daemon, mta = self.pair()
        send(mta.port, "dead.before@b.example")
        daemon.wait_suppressed("dead.before@b.example")
        mta.wait_empty()
        os.truncate(mta.log, os.path.getsize(mta.log) + (1 << 30))
        send(mta.port, "dead.swallowed@b.example")  # Its first line ends the long one.
        mta.wait_empty()
        send(mta.port, "dead.behind@b.example")
        daemon.wait_suppressed("dead.behind@b.example", timeout=60)
        self.expect_little_memory(daemon)
        self.assertEqual(send(mta.port, "dead.before@b.example").code("dead.before@b.example"), 550)


if __name__ == "__main__":
    unittest.main()
