"""What an operator gets wrong: each gets one clear line that says what to do, an exit status, and loses nothing."""

import gzip
import os
import signal
import socket
import sqlite3
import time
import unittest

from harness.case import MtaTest
from harness.tools import DAEMON_UID, wait_until

EX_CONFIG = 78


class BadInput(MtaTest):
    def setUp(self):
        super().setUp()
        self.log = os.path.join(self.workspace.folder("log"), "mail.log")
        self.write(self.log, b"")
        os.chmod(self.log, 0o644)
        self.daemon = self.suppressd(self.log)

    def write(self, path, content):
        with open(path, "wb") as file:
            file.write(content)

    def refuses_to_start(self, words, **settings):
        """The daemon does not start; its last line holds the words (regular expressions)."""
        self.daemon.configure(**settings)
        self.told(self.daemon.once("--config", self.daemon.config), words)

    def is_called_wrong(self, words, **settings):
        """By --check-config. The daemon itself starts, says so, and enforces the list (health_test.py)."""
        self.daemon.configure(**settings)
        self.told(self.daemon.once("--config", self.daemon.config, "--check-config"), words, 78)

    def told(self, result, words, status=None):
        said = (result.stdout + result.stderr).strip().splitlines()
        self.assertNotEqual(result.returncode, 0, said)
        self.assertGreater(result.returncode, 0, f"died of a signal: {said}")
        if status is not None:
            self.assertEqual(result.returncode, status, said)
        self.assertEqual(len(said), 1, said)
        for word in words:
            self.assertRegex(said[0], word)

    def test_the_good_configuration_starts_and_is_called_fine(self):
        self.assertEqual(self.daemon.once("--config", self.daemon.config, "--check-config").returncode, 0)
        self.daemon.start()
        self.assertEqual(self.daemon.stop(), 0)

    def test_unknown_key(self):
        self.daemon.configure(soft__treshold=3)
        line = open(self.daemon.config, encoding="utf-8").read().splitlines().index("treshold = 3") + 1
        words = [rf"suppressd\.conf:{line}\b", r"soft\.treshold", r"soft\.threshold"]
        self.told(self.daemon.once("--config", self.daemon.config), words)
        self.told(self.daemon.once("--config", self.daemon.config, "--check-config"), words)
        self.told(self.daemon.ctl("list", check=False), words, 2)

    def test_bad_value(self):
        self.refuses_to_start([r"suppressd\.conf:\d+", r"soft\.threshold"], soft__threshold=0)

    def test_bad_value_on_the_command_line_and_in_the_environment(self):
        self.told(self.daemon.once("--config", self.daemon.config, "--soft.threshold", "many"), [r"soft\.threshold", "many"])
        os.environ["SUPPRESSD_SOFT_THRESHOLD"] = "many"
        self.addCleanup(os.environ.pop, "SUPPRESSD_SOFT_THRESHOLD")
        self.told(self.daemon.once("--config", self.daemon.config), ["SUPPRESSD_SOFT_THRESHOLD", "many"])

    def test_invalid_toml(self):
        self.write(self.daemon.config, b"[soft\nthreshold 3\n")
        self.told(self.daemon.once("--config", self.daemon.config), [r"suppressd\.conf:1"])

    def test_missing_configuration(self):
        self.told(self.daemon.once("--config", "/nonexistent/suppressd.conf"), ["/nonexistent/suppressd.conf"])

    def test_missing_rules_file(self):
        self.refuses_to_start(["/nonexistent/rules.toml"], rules__files=["/nonexistent/rules.toml"])

    def test_bad_rules_file(self):
        rules = os.path.join(self.daemon.folder, "rules.toml")
        self.write(rules, b'[[rule]]\nid = "x"\npattern = "(unclosed"\ncategory = "bad-mailbox"\n')
        self.refuses_to_start([r"rules\.toml"], rules__files=[rules])

    def test_world_writable_rules_file(self):
        rules = os.path.join(self.daemon.folder, "rules.toml")
        self.write(rules, b'[[rule]]\nid = "x"\npattern = "gone fishing"\ncategory = "bad-mailbox"\n')
        os.chmod(rules, 0o666)
        self.refuses_to_start([r"rules\.toml", "everybody may write", f"chmod o-w {rules}"], rules__files=[rules])
        os.chmod(rules, 0o664)
        self.assertEqual(self.daemon.once("--config", self.daemon.config, "--check-config").returncode, 0)

    def test_world_writable_configuration(self):
        os.chmod(self.daemon.config, 0o666)
        words = [r"suppressd\.conf", "everybody may write", f"chmod o-w {self.daemon.config}"]
        self.told(self.daemon.once("--config", self.daemon.config), words)
        self.told(self.daemon.once("--config", self.daemon.config, "--check-config"), words)
        self.told(self.daemon.ctl("list", check=False), words, 2)

    def test_missing_log_folder(self):
        self.is_called_wrong(["/nonexistent/mail.log"], source__files=["/nonexistent/mail.log"])

    def test_unreadable_log(self):
        os.chmod(self.log, 0o600)
        self.is_called_wrong([self.log, r"(?i)group|setfacl|chgrp|chmod"])

    def test_unreadable_log_folder(self):
        os.chmod(os.path.dirname(self.log), 0o700)
        self.is_called_wrong([os.path.dirname(self.log), r"(?i)group|setfacl|chgrp|chmod"])

    def test_trace_keys_that_are_damaged_or_cannot_be_made(self):
        keys = os.path.join(self.daemon.folder, "keys")
        self.write(keys, b"nonsense")
        os.chmod(keys, 0o600)
        os.chown(keys, DAEMON_UID, DAEMON_UID)
        only_inbound = {"trace__enabled": False, "milter__inbound_daemons": ["inbound"]}
        for path in (keys, "/nonexistent/keys"):
            self.is_called_wrong([path], trace__key_file=path, **only_inbound)
            self.refuses_to_start([path])

    def test_socket_path_that_is_too_long(self):
        self.refuses_to_start([r"milter\.socket", "107|too long"], milter__socket="unix:" + os.path.join(self.daemon.folder, "x" * 120))

    def test_socket_in_a_folder_that_is_missing(self):
        self.refuses_to_start(["/nonexistent"], milter__socket="unix:/nonexistent/suppressd.sock")

    def test_inet_socket_without_a_host_would_be_open_to_the_world(self):
        self.refuses_to_start([r"inet:8899", "host|@"], milter__socket="inet:8899")

    def test_socket_of_another_kind(self):
        self.refuses_to_start([r"milter\.socket", "unix:"], milter__socket="/run/suppressd.sock")

    def test_fd_3_without_a_socket_unit(self):
        self.refuses_to_start([r"fd:3", r"enable --now suppressd\.socket", r"unix:/run/suppressd"], milter__socket="fd:3")
        self.told(self.daemon.once("--config", self.daemon.config), ["no socket was passed"], EX_CONFIG)

    def test_corrupt_database(self):
        junk = b"this is no database, but somebody may want it back\n" * 100
        self.write(self.daemon.database, junk)
        os.chown(self.daemon.database, DAEMON_UID, DAEMON_UID)
        os.chmod(self.daemon.database, 0o640)
        self.refuses_to_start([self.daemon.database])
        self.told(self.daemon.ctl("list", check=False), [self.daemon.database], 2)
        self.told(self.daemon.ctl("add", "a@b.example", check=False), [self.daemon.database], 2)
        self.assertEqual(open(self.daemon.database, "rb").read(), junk)

    def test_a_database_of_another_program(self):
        other = sqlite3.connect(self.daemon.database)
        other.execute("CREATE TABLE address_book(name)")
        other.commit()
        other.close()
        os.chown(self.daemon.database, DAEMON_UID, DAEMON_UID)
        self.refuses_to_start([self.daemon.database])
        self.assertEqual(sqlite3.connect(self.daemon.database).execute("SELECT name FROM sqlite_schema").fetchall(), [("address_book",)])

    def test_database_of_a_newer_version(self):
        self.daemon.ctl("add", "a@b.example")
        self.daemon.execute("PRAGMA user_version = 999")
        self.refuses_to_start([self.daemon.database, "999", "newer"])
        self.told(self.daemon.ctl("check", "a@b.example", check=False), [self.daemon.database, "999", "newer"], 2)
        self.assertEqual(self.daemon.query("SELECT address FROM suppression"), [("a@b.example",)])

    def test_world_writable_database(self):
        self.daemon.ctl("add", "a@b.example")
        os.chmod(self.daemon.database, 0o666)
        self.refuses_to_start([self.daemon.database, "everybody may write", "chmod"])

    def test_missing_database(self):
        self.told(self.daemon.ctl("list", check=False), [self.daemon.database], 2)
        self.assertFalse(os.path.exists(self.daemon.database))

    def test_an_invalid_address(self):
        self.daemon.ctl("add", "a@b.example")
        for words in (("check", "nobody"), ("show", "a@"), ("add", "a b@c.example"), ("lift", "@"), ("exempt", "add", "x@y@")):
            with self.subTest(words=words):
                self.told(self.daemon.ctl(*words, check=False), [words[-1]], 2)
        self.assertEqual(self.daemon.suppressed(), {"a@b.example": "manual"})

    def test_one_bad_address_among_good_ones_changes_nothing(self):
        self.daemon.ctl("add", "a@b.example")
        self.told(self.daemon.ctl("add", "good@c.example", "nobody", check=False), ["nobody"], 2)
        self.assertEqual(self.daemon.suppressed(), {"a@b.example": "manual"})

    def test_unknown_command_and_option(self):
        self.told(self.daemon.ctl("explode", check=False), ["explode"], 2)
        self.told(self.daemon.ctl("list", "--colour-of-the-sky", check=False), ["--colour-of-the-sky"], 2)
        self.told(self.daemon.once("--colour-of-the-sky"), ["--colour-of-the-sky"])

    def test_a_replay_of_a_log_that_is_cut_off(self):
        for size in (100_000, 10_000_000):  # short; long enough to be read ahead
            noise = b"".join(os.urandom(60).hex().encode() + b"\n" for _ in range(size // 121))
            log = os.path.join(self.workspace.path, f"cut{size}.gz")
            with open(log, "wb") as file:
                file.write(gzip.compress(noise, 1)[:-1000])
            told = self.daemon.ctl("replay", log, check=False)
            self.told(told, ["truncated"], 2)
            self.assertEqual(told.stderr.count(log), 1, told.stderr)

    def test_a_replay_of_nothing(self):
        self.told(self.daemon.ctl("replay", "/nonexistent/mail.log", check=False), ["/nonexistent/mail.log"], 2)

    def test_root(self):
        self.told(self.daemon.once("--config", self.daemon.config, user=False), ["root", "suppressd"])
        self.assertFalse(os.path.exists(self.daemon.database))


class SocketUnit(MtaTest):
    """A start that must fail while systemd holds the socket: as soon as it ends, the session that waits starts it again."""

    def setUp(self):
        super().setUp()
        self.mta = self.postfix()
        self.daemon = self.suppressd(self.mta.log).listen()
        self.place = self.daemon.socket.getsockname()

    def session(self):
        waiting = socket.socket(socket.AF_UNIX)
        self.addCleanup(waiting.close)
        waiting.connect(self.place)

    def broken(self):
        self.daemon.configure(soft__threshold=0)
        self.daemon.launch()
        wait_until(lambda: "soft.threshold" in self.daemon.said(), "the mistake to be said")

    def test_a_path_beside_the_socket_unit(self):
        self.daemon.configure(milter__socket=f"unix:{self.daemon.folder}/other.sock")
        self.daemon.launch()
        self.assertEqual(self.daemon.ended(), EX_CONFIG)
        self.assertRegex(self.daemon.said(), rf"other\.sock: systemd passes the socket unix:{self.place}.*\"fd:3\".*disable --now suppressd\.socket")

    def test_a_start_by_hand_with_a_broken_configuration_does_not_hang(self):
        self.broken()
        self.assertEqual(self.daemon.ended(5), EX_CONFIG)

    def test_a_waiting_session_does_not_start_a_broken_configuration_again_and_again(self):
        self.session()
        started = time.monotonic()
        self.broken()
        self.assertEqual(self.daemon.ended(60), EX_CONFIG)
        self.assertGreater(time.monotonic() - started, 25)
        self.assertEqual(self.daemon.said().count("soft.threshold"), 1)

    def test_a_corrected_configuration_does_not_wait_for_the_next_try(self):
        self.session()
        self.broken()
        self.daemon.configure(soft__threshold=3)
        wait_until(lambda: "serves on fd:3" in self.daemon.said(), "the corrected configuration to be taken", timeout=15)
        self.assertEqual(self.daemon.stop(), 0)

    def test_a_stop_does_not_wait_for_the_next_try(self):
        self.session()
        self.broken()
        os.kill(self.daemon.pid, signal.SIGTERM)
        self.assertEqual(self.daemon.ended(5), 0)

    def test_the_start_line_names_the_socket_and_the_log(self):
        self.daemon.start()
        wait_until(lambda: "serves on" in self.daemon.said(), "the start line")
        self.assertRegex(self.daemon.said(), rf"serves on fd:3 \(unix:{self.place}\), .*log: file {self.mta.log}")


if __name__ == "__main__":
    unittest.main()
