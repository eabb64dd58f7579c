"""What is shipped to be copied: the units, and the lines for main.cf and master.cf (sendmail.mc: sendmail_mc_test.py)."""

import os
import re
import shutil
import unittest

from harness.case import MtaTest
from harness.mail import send
from harness.tools import DAEMON_UID, free_port, run

SOURCE = os.environ.get("SUPPRESSD_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


def shipped(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
        return file.read()


def parameters(text):
    """The settings of a main.cf."""
    return dict(re.findall(r"^(\w+) = (.*)$", text, re.M))


def services(text):
    """The services of a master.cf by name, each with its lines."""
    return {block.split()[0]: block for block in re.findall(r"^[^#\s].*\n(?:[ \t]+.*\n)*", text, re.M)}


class Units(MtaTest):
    def setUp(self):
        super().setUp()
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        folder = self.workspace.folder("units")
        program = shutil.which("true")
        text = shipped("systemd/suppressd.service.in")
        text = text.replace("@CMAKE_INSTALL_FULL_SBINDIR@/suppressd", program)
        self.assertNotIn("@CMAKE", text)
        self.service = os.path.join(folder, "suppressd.service")
        with open(self.service, "w", encoding="utf-8") as file:
            file.write(text)
        self.socket = shutil.copy(os.path.join(SOURCE, "systemd/suppressd.socket"), folder)

    def test_systemd_finds_nothing_wrong_with_the_units(self):
        result = run("systemd-analyze", "verify", "--man=no", self.service, self.socket, check=False)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))

    def test_the_service_is_exposed_by_at_most_one(self):
        result = run("systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=10", self.service, check=False)
        exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
        self.assertIsNotNone(exposure, result.stdout + result.stderr)
        self.assertLessEqual(float(exposure.group(1)), 1.0)
        self.assertEqual(result.returncode, 0)

    def test_the_account_and_the_folder_are_declared_as_systemd_reads_them(self):
        root = self.workspace.folder("root")
        with open(os.path.join(self.workspace.folder("root/etc"), "group"), "w", encoding="ascii") as file:
            file.write("postfix:x:105:\n")
        run("systemd-sysusers", f"--root={root}", os.path.join(SOURCE, "systemd/suppressd.sysusers"))
        with open(os.path.join(root, "etc/passwd"), encoding="ascii") as file:
            self.assertRegex(file.read(), r"(?m)^suppressd:x:\d+:\d+:.*:/var/lib/suppressd:/usr/sbin/nologin$")
        run("systemd-tmpfiles", f"--root={root}", "--create", os.path.join(SOURCE, "systemd/suppressd.tmpfiles"))
        folder = os.stat(os.path.join(root, "var/spool/postfix/suppressd"))
        self.assertEqual((folder.st_mode & 0o7777, folder.st_gid), (0o2750, 105))


class PostfixExamples(MtaTest):
    def test_postfix_finds_nothing_wrong_with_the_lines(self):
        mta = self.postfix()
        with open(os.path.join(mta.config, "main.cf"), "a", encoding="utf-8") as file:
            file.write(shipped("conf/postfix-main.cf.example"))
        with open(os.path.join(mta.config, "master.cf"), "a", encoding="utf-8") as file:
            file.write(shipped("conf/postfix-master.cf.example"))
        for words in (("-n",), ("-M",), ("-P",)):
            result = run("postconf", "-c", mta.config, *words)
            self.assertEqual(result.stderr, "", words)
        mta.command("check")
        self.assertEqual([line for line in mta.log_text().splitlines() if re.search("warning|error|fatal", line)], [])

    def test_no_line_attaches_the_filter_to_the_public_port(self):
        self.assertNotIn(
            "smtpd_milters", {name for name in parameters(shipped("conf/postfix-main.cf.example")) if not name.startswith("non_")}
        )
        found = services(shipped("conf/postfix-master.cf.example"))
        self.assertEqual(set(found), {"submission", "submissions", "127.0.0.1:10025", "127.0.0.1:10026"})
        for name, lines in found.items():
            self.assertRegex(lines, r"-o smtpd_milters=\$suppressd_milter", name)
            self.assertIn("-o smtpd_hard_error_limit=10000", lines, name)

    def chrooted(self):
        """A Postfix with the shipped lines, its chroot included, and its ports for applications and for bulk mail."""
        mta = self.postfix(parameters=parameters(shipped("conf/postfix-main.cf.example")))
        local, bulk = free_port(), free_port()
        found = services(shipped("conf/postfix-master.cf.example"))
        with open(os.path.join(mta.config, "master.cf"), "a", encoding="utf-8") as file:
            file.write(found["127.0.0.1:10025"].replace(":10025", f":{local}") + found["127.0.0.1:10026"].replace(":10026", f":{bulk}"))
        folder = os.path.join(mta.queue, "suppressd")
        os.makedirs(folder, exist_ok=True)
        os.chown(folder, DAEMON_UID, DAEMON_UID)
        daemon = self.suppressd(mta.log, milter__socket=f"unix:{folder}/suppressd.sock")
        daemon.start()
        daemon.ctl("add", "listed@d.example")
        mta.start()
        return daemon, mta, local, bulk

    def test_the_lines_work_in_the_chroot_on_the_services_that_they_name(self):
        daemon, mta, local, bulk = self.chrooted()
        for port, code in ((local, 550), (bulk, 550), (mta.port, 250)):
            self.assertEqual(send(port, "listed@d.example").code("listed@d.example"), code)
        mta.sendmail("listed@d.example", "good@a.example")
        mta.wait_empty()
        self.assertEqual(len(self.remote.messages("listed@d.example")), 1, "the mail that came in on the public port")
        self.assertEqual(len(self.remote.messages("good@a.example")), 1)

    def test_when_suppressd_is_down_mail_flows_and_bulk_mail_waits(self):
        daemon, _, local, bulk = self.chrooted()
        daemon.stop()
        self.assertEqual(send(local, "listed@d.example").code("listed@d.example"), 250)
        with self.assertRaisesRegex(RuntimeError, "MAIL FROM.*: 451"):
            send(bulk, "listed@d.example")


if __name__ == "__main__":
    unittest.main()
