"""What is shipped to be copied: the units, and the lines for main.cf and master.cf.

For sendmail.mc, see sendmail_mc_test.py."""

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
    return dict(re.findall(r"^(\w+) = (.*)$", re.sub(r"\n[ \t]+", " ", text), re.M))


def services(text):
    """The services of a master.cf by name, each with its lines."""
    return {block.split()[0]: block for block in re.findall(r"^[^#\s].*\n(?:[ \t]+.*\n)*", text, re.M)}


class Units(MtaTest):
    def setUp(self):
        super().setUp()
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        self.folder = self.workspace.folder("units")
        text = shipped("systemd/suppressd.service.in")
        text = text.replace("@CMAKE_INSTALL_FULL_SBINDIR@/suppressd", shutil.which("true"))
        self.assertNotIn("@CMAKE", text)
        self.service = os.path.join(self.folder, "suppressd.service")
        with open(self.service, "w", encoding="utf-8") as file:
            file.write(text)
        self.socket = shutil.copy(os.path.join(SOURCE, "systemd/suppressd.socket"), self.folder)

        text = shipped("systemd/suppressd-alerts.service.in")
        text = text.replace("@CMAKE_INSTALL_FULL_BINDIR@/suppressctl", shutil.which("true"))
        self.assertNotIn("@CMAKE", text)
        self.alerts = os.path.join(self.folder, "suppressd-alerts.service")
        with open(self.alerts, "w", encoding="utf-8") as file:
            file.write(text)
        self.timer = shutil.copy(os.path.join(SOURCE, "systemd/suppressd-alerts.timer"), self.folder)

    def drop_in(self, name):
        folder = self.workspace.folder("units/suppressd.socket.d")
        return shutil.copy(os.path.join(SOURCE, "systemd", name), os.path.join(folder, "drop-in.conf"))

    def settings(self, path, section):
        """The values of a unit's setting, as systemd reads it: an empty value removes those before it."""
        found = {}
        with open(path, encoding="utf-8") as file:
            part = file.read().partition(f"[{section}]\n")[2].partition("\n[")[0]
        for name, value in re.findall(r"(?m)^(\w+)=(.*)$", part):
            found[name] = [*found.get(name, []), value] if value else []
        return found

    def test_systemd_finds_nothing_wrong_with_the_units(self):
        units = (self.service, self.socket, self.alerts, self.timer)
        result = run("systemd-analyze", "verify", "--man=no", *units, check=False)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))

    def test_systemd_finds_nothing_wrong_with_the_drop_in_for_sendmail(self):
        self.drop_in("suppressd.socket-sendmail.conf")
        result = run("systemd-analyze", "verify", "--man=no", self.service, self.socket, check=False)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))

    def test_the_drop_in_for_sendmail_does_not_leave_postfix_socket_on_the_list(self):
        with open(os.path.join(SOURCE, "systemd/suppressd.socket-sendmail.conf"), encoding="utf-8") as file:
            lines = re.findall(r"(?m)^ListenStream=.*$", file.read())
        self.assertEqual(lines, ["ListenStream=", "ListenStream=/run/suppressd/suppressd.sock"])
        self.assertIn("S=unix:/run/suppressd/suppressd.sock", shipped("conf/sendmail.mc.example"))

    def test_no_number_of_starts_stops_the_filter_or_closes_its_socket(self):
        for unit in (self.service, self.socket):
            self.assertEqual(self.settings(unit, "Unit")["StartLimitIntervalSec"], ["0"], unit)
        self.assertEqual(self.settings(self.socket, "Socket")["TriggerLimitIntervalSec"], ["0"])
        service = self.settings(self.service, "Service")
        self.assertEqual((service["Restart"], service["RestartPreventExitStatus"]), (["always"], ["78"]))
        self.assertIn("RestartSec", service, "100 ms without it")

    def test_the_default_configuration_and_the_socket_unit_do_not_fail_to_fit(self):
        self.assertIn('\n#socket = "fd:3"\n', shipped("conf/suppressd.conf"))
        streams = self.settings(self.socket, "Socket")["ListenStream"]
        self.assertEqual(streams, ["/var/spool/postfix/suppressd/suppressd.sock"])
        self.assertIn("{ unix:suppressd/suppressd.sock,", shipped("conf/postfix-main.cf.example"))

    def test_a_restore_does_not_start_a_socket_unit_that_is_not_in_use(self):
        text = shipped("packaging/suppressd-database.7").replace("\\-", "-")
        starts = [line for line in text.splitlines() if "start" in line and "suppressd.socket" in line]
        start = "systemctl -q is-enabled suppressd.socket && systemctl start suppressd.socket"
        self.assertEqual(starts, [start] * 2)

    def test_neither_unit_starts_after_an_mta(self):
        for unit in (self.service, self.socket):
            before = self.settings(unit, "Unit")["Before"][0].split()
            self.assertTrue({"postfix.service", "postfix@-.service", "sendmail.service"} <= set(before), unit)

    def test_a_reload_does_not_hide_a_broken_configuration(self):
        text = shipped("systemd/suppressd.service.in")
        start = re.search(r"(?m)^ExecStart=(.*)$", text).group(1)
        reload = re.findall(r"(?m)^ExecReload=(.*)$", text)
        self.assertEqual(reload, [f"{start} --check-reload", "/bin/kill -HUP $MAINPID"])

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
        folder = os.stat(os.path.join(root, "run/suppressd"))
        self.assertEqual((folder.st_mode & 0o7777, folder.st_uid), (0o755, os.stat(os.path.join(root, "var/spool/postfix/suppressd")).st_uid))


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
        self.assertEqual(set(found), {"submission", "submissions", "127.0.0.1:10025", "127.0.0.1:10026", "127.0.0.1:10027"})
        self.assertIn("no_milters", found.pop("127.0.0.1:10027"), "a message that returns from a filter was checked before")
        for name, lines in found.items():
            self.assertRegex(lines, r"-o smtpd_milters=\$suppressd_milter", name)
            self.assertIn("-o smtpd_hard_error_limit=10000", lines, name)

    def chrooted(self):
        """A Postfix with the shipped lines, chroot included, and its ports for applications and bulk mail."""
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
