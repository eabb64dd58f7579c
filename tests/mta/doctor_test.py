"""The mistakes of the first hour, beside a real Postfix with the lines of the examples: suppressctl doctor names each, and its fix works."""

import json
import os
import re
import shutil
import subprocess
import time
import unittest

import setup_test
from harness.case import MtaTest
from harness.daemon import DAEMON_UID
from harness.mail import send
from harness.tools import free_port, run, wait_until

MAIN = setup_test.parameters(setup_test.shipped("conf/postfix-main.cf.example"))
LOCAL = setup_test.services(setup_test.shipped("conf/postfix-master.cf.example"))["127.0.0.1:10025"]


def milter_at(endpoint):
    """The examples' milter at another place."""
    return "suppressd_milter = " + re.sub(r"unix:\S+(?=,)", endpoint, MAIN["suppressd_milter"])


class Doctor(MtaTest):
    def install(self, **parameters):
        """A Postfix with the examples' lines and a service in a chroot, a daemon behind its socket; not started."""
        self.local = free_port()
        self.mta = self.postfix(
            parameters=MAIN | parameters, services=LOCAL.replace("{", "{{").replace("}", "}}").replace(":10025", f":{self.local}")
        )
        folder = os.path.join(self.mta.queue, "suppressd")
        os.makedirs(folder, exist_ok=True)
        os.chown(folder, DAEMON_UID, DAEMON_UID)
        self.daemon = self.suppressd(self.mta.log, milter__socket=f"unix:{folder}/suppressd.sock")

    def doctor(self, *options):
        """Findings by name, and the exit status, as root."""
        words = (self.daemon._ctl, "--config", self.daemon.config, "--json", "doctor", "--postfix-config", self.mta.config)
        result = run(*words, *options, check=False, cwd=self.daemon.folder)
        self.assertEqual(result.stderr, "")
        findings = [json.loads(line) for line in result.stdout.splitlines()]
        for finding in findings:
            self.assertEqual(set(finding), {"level", "name", "what", "why", "fix"})
        return findings, result.returncode

    def serious(self):
        findings, status = self.doctor()
        serious = [(finding["level"], finding["name"], finding["what"]) for finding in findings if finding["level"] != "note"]
        self.assertEqual(status, 0 if not serious else {"error": 2, "unknown": 3, "warning": 1}[serious[0][0]])
        return serious

    def found(self, name, level="error"):
        findings, status = self.doctor()
        of_it = [finding for finding in findings if finding["name"] == name]
        self.assertEqual([finding["level"] for finding in of_it], [level], [(f["level"], f["name"], f["what"]) for f in findings])
        self.assertEqual(status, {"error": 2, "warning": 1}[findings[0]["level"]])
        return of_it[0]

    def found_first(self, name):
        """Of services in a chroot and of others: the first."""
        findings, status = self.doctor()
        self.assertEqual(status, 2)
        names = [finding["name"] for finding in findings if finding["level"] == "error"]
        self.assertIn(name, names, findings)
        return next(finding for finding in findings if finding["name"] == name)

    def shell(self, command):
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, command + "\n" + done.stdout + done.stderr)

    def postconf(self, *words):
        run("postconf", "-c", self.mta.config, *words)

    def test_the_examples_give_no_error_and_no_warning_and_a_fix_makes_mail_be_checked(self):
        self.install()
        self.daemon.start()
        self.daemon.ctl("add", "listed@d.example")
        self.mta.start()
        self.assertEqual(send(self.local, "good@a.example").code("good@a.example"), 250)
        self.mta.wait_empty()
        self.daemon.settle()
        self.assertEqual(self.serious(), [])
        place = f"127.0.0.1:{self.local}/inet/smtpd_milters"

        with self.subTest("the milter's lines were forgotten"):
            self.postconf("-PX", place)
            self.postconf("-e", "non_smtpd_milters =")
            self.mta.command("reload")
            self.shell(self.found("milter-missing")["fix"])
            self.assertEqual(self.serious(), [])
            # Postfix forgets the processes of before at a reload, but they end what they have begun.
            wait_until(lambda: send(self.local, "listed@d.example").code("listed@d.example") == 550, "Postfix to ask")

        with self.subTest("the milter twice"):
            self.postconf("-P", f"{place}=$suppressd_milter,$suppressd_milter")
            self.shell(self.found("milter-doubled", "warning")["fix"])
            self.assertEqual(self.serious(), [])

        with self.subTest("a wrong path"):
            self.postconf("-e", milter_at("unix:suppressd/supressd.sock"))
            finding = self.found_first("socket-path")
            self.assertIn(f"suppressd listens at {self.mta.queue}/suppressd/suppressd.sock", finding["what"])
            self.shell(finding["fix"])
            self.assertEqual(self.serious(), [])

        with self.subTest("a path that is not that of the chroot"):
            self.postconf("-e", milter_at(f"unix:{self.mta.queue}/suppressd/suppressd.sock"))
            finding = self.found_first("socket-chroot")
            self.assertIn("runs in the chroot", finding["what"])
            self.shell(finding["fix"])
            self.assertEqual(self.serious(), [])

        with self.subTest("status"):
            status = self.daemon.ctl("status", check=False)
            self.assertEqual((status.returncode, status.stderr), (0, ""), status.stdout)
            lines = status.stdout.splitlines()
            self.assertLessEqual(len(lines), 24)
            self.assertLessEqual(max(map(len, lines)), 80)
            self.assertRegex(status.stdout, r"(?m)^look-ups +ok since ")
            self.assertRegex(status.stdout, r"(?m)^learning +ok since ")
            self.assertIn("1 manual; 0 pending", status.stdout)
            self.assertIn("listed@d.example (manual, refused)", status.stdout)
            status = json.loads(self.daemon.ctl("--json", "status").stdout)
            self.assertEqual((status["well"], status["entries"]), (True, {"manual": 1}))
            self.assertEqual(status["last_refusal"]["address"], "listed@d.example")

    def test_who_may_not_reach_the_socket_or_the_log_is_named_with_the_command(self):
        self.install()
        self.daemon.start()
        self.daemon.settle()
        self.assertEqual(self.serious(), [])
        folder = os.path.join(self.mta.queue, "suppressd")

        with self.subTest("the socket's folder"):
            os.chmod(folder, 0o700)
            finding = self.found_first("socket-permission")
            self.assertIn(f"(postfix) may not enter {folder}", finding["what"])
            self.shell(finding["fix"])
            self.assertEqual(self.serious(), [])

        with self.subTest("the socket"):
            socket = os.path.join(folder, "suppressd.sock")
            os.chmod(socket, 0o600)
            self.assertIn(f"may not write to the socket {socket}", self.found_first("socket-permission")["what"])
            os.chmod(socket, 0o666)
            self.assertEqual(self.serious(), [])

        with self.subTest("the log"):
            os.chmod(self.mta.log, 0o600)
            finding = self.found("log-permission")
            self.assertIn(f"{DAEMON_UID} cannot read the log: cannot read {self.mta.log}: Permission denied", finding["what"])
            self.assertIn(f"setfacl -m u:{DAEMON_UID}:r {self.mta.log}", finding["fix"])
            os.chmod(self.mta.log, 0o640)
            self.assertEqual(self.serious(), [])

        with self.subTest("the log, by a group"):
            os.chown(self.mta.log, 0, 4)
            finding = self.found("log-permission")
            self.assertIn("group adm", finding["what"])
            self.assertIn(f"add {DAEMON_UID} to group adm", finding["fix"])
            os.chown(self.mta.log, 0, DAEMON_UID)

        with self.subTest("the daemon is down"):
            self.daemon.stop()
            self.assertIn("no one listens on unix:", self.found("daemon-down")["what"])
            self.assertIn("systemctl enable --now suppressd.socket suppressd", self.found_first("socket-missing")["fix"])

        with self.subTest("the configuration"):
            with open(self.daemon.config, "a", encoding="utf-8") as file:
                file.write('[soft]\ntreshold = 5\n')
            finding = self.found("configuration")
            self.assertRegex(finding["what"], r"suppressd.conf:\d+: unknown key \"soft.treshold\"")

    def test_a_database_that_was_copied_while_suppressd_ran_is_recognised(self):
        self.install()
        self.daemon.start()
        self.daemon.ctl("add", "listed@d.example")
        self.assertEqual(self.serious(), [])
        database, copy = self.daemon.database, self.daemon.database + ".copy"
        shutil.copy2(database, copy)

        with self.subTest("the copy itself"):
            words = (self.daemon._ctl, "--config", self.daemon.config, "--db", copy, "--json", "doctor")
            result = run(*words, "--postfix-config", self.mta.config, check=False)
            self.assertIn("database-copied", [json.loads(line)["name"] for line in result.stdout.splitlines()], result.stdout)
            self.assertIn("suppressctl backup", result.stdout)

        with self.subTest("the copy in the place of a database that was not closed"):
            self.daemon.kill()
            log_is_born = os.stat(database + "-wal").st_ctime
            wait_until(lambda: time.time() > log_is_born + 3, "the log to be older")
            os.unlink(database)
            os.rename(copy, copy + ".old")
            shutil.copy2(copy + ".old", database)
            os.chown(database, DAEMON_UID, DAEMON_UID)
            finding = self.found("database-copied")
            self.assertIn(f"{database}-wal belongs to another file", finding["what"])
            self.assertIn(f"rm {database}-wal {database}-shm", finding["fix"])


if __name__ == "__main__":
    unittest.main()
