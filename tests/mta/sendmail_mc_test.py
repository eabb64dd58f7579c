"""conf/sendmail.mc.example, followed step by step in Debian's own /etc/mail/sendmail.mc, with Debian's own Sendmail at its own ports."""

import json
import os
import re
import shutil
import time
import unittest

from harness.debian_sendmail import CF, MC, DebianSendmail, install
from harness.mail import send
from harness.sendmail import unpack
from harness.sendmail_example import commands, followed
from harness.tools import DAEMON_UID, Unavailable, Workspace, listens, run, wait_until
from harness.world import FAR, WorldTest, enter

SOURCE = os.environ.get("SUPPRESSD_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
SOCKET = "/run/suppressd/suppressd.sock"
ZONE = {
    "mta.sender.example": [("A", "127.0.1.1")],
    "sender.example": [("MX", "mx.provider.example")],
    "a.example": [("MX", "mx.provider.example")],
    "d.example": [("MX", "mx.provider.example")],
    "mx.provider.example": [("A", FAR)],
}


def setUpModule():
    enter(unpack)
    workspace = Workspace()
    unittest.addModuleCleanup(workspace.remove)
    try:
        install(workspace)
    except Unavailable as missing:
        raise unittest.SkipTest(str(missing)) from missing
    shutil.copy(MC, MC + ".debian")


def example():
    with open(os.path.join(SOURCE, "conf/sendmail.mc.example"), encoding="utf-8") as file:
        return file.read()


class DebiansOwn(WorldTest):
    zone = ZONE

    def setUp(self):
        super().setUp()
        shutil.copy(MC + ".debian", MC)
        self.mta = DebianSendmail(self.workspace)
        self._shown.append(("log of sendmail", self.mta.log_text))
        self.addCleanup(self.mta.close)

    def follow_the_example(self, more=""):
        with open(MC, encoding="utf-8") as file:
            mc = followed(example(), file.read())
        with open(MC, "w", encoding="utf-8") as file:
            file.write(mc.replace("MAILER_DEFINITIONS", more + "MAILER_DEFINITIONS"))
        make, restart = commands(example(), 3)
        self.assertEqual((make, restart), ("make -C /etc/mail", "systemctl restart sendmail"))
        os.utime(MC, (time.time() + 1,) * 2)  # Newer than sendmail.cf, however fast this went.
        made = run("sh", "-c", make)
        self.assertNotRegex(made.stdout + made.stderr, r"(?i)error|already included|\*\*\* ")

    def filter(self, **settings):
        return self.suppressd(self.mta.log, milter__socket=f"unix:{SOCKET}", mta__local_relays=["127.0.0.1"], **settings)

    def doctor(self, daemon):
        """Errors and warnings that suppressctl doctor finds, by name."""
        result = run(daemon._ctl, "--config", daemon.config, "--json", "doctor", "--sendmail-cf", CF, check=False, cwd=daemon.folder)
        findings = [json.loads(line) for line in result.stdout.splitlines()]
        return {finding["name"]: finding for finding in findings if finding["level"] != "note"}

    def test_the_steps_work_in_debians_file_and_each_verification_shows_what_it_says(self):
        daemon = self.filter()
        daemon.start()
        self.follow_the_example()
        self.mta.start()
        configured, listening, add, mail, lift = commands(example(), 4)
        shown = run("sh", "-c", configured).stdout.splitlines()
        self.assertEqual(sum("InputMailFilters=suppressd" in line for line in shown), 2)
        self.assertEqual(sum(line.startswith("O DaemonPortOptions=") for line in shown), 2)
        self.assertIn("O BadRcptThrottle=1000", shown)
        self.assertEqual(len(re.findall(r"127\.0\.0\.1:(?:25|587)\s", run("sh", "-c", listening).stdout)), 2)
        daemon.ctl(*add.split()[1:])
        said = run("sh", "-c", mail, check=False, cwd=self.workspace.path)
        self.assertRegex(said.stdout + said.stderr, r"550 5\.7\.1 .*recipient suppressed: manual since")
        daemon.ctl(*lift.split()[1:])
        self.assertNotIn("suppressd.sock unsafe", self.mta.log_text())

        daemon.ctl("add", "listed@d.example")
        submission = send(25, "listed@d.example", "good@a.example")
        self.assertEqual([submission.code(to) for to in ("listed@d.example", "good@a.example")], [550, 250])
        run("sh", "-c", "echo test | sendmail good@a.example dead@d.example", cwd=self.workspace.path)
        daemon.wait_suppressed("dead@d.example", "hard")
        self.assertEqual(send(25, "dead@d.example").code("dead@d.example"), 550)
        wait_until(lambda: len(self.far.messages("good@a.example")) == 2, "the mail that the `sendmail' command handed in")
        self.assertEqual(self.far.messages("listed@d.example"), [])
        self.assertEqual(self.doctor(daemon), {})
        daemon.stop()
        self.assertEqual(set(self.doctor(daemon)), {"daemon-down", "socket-missing"})

    def test_a_hundred_refusals_of_one_session_are_not_slept_over(self):
        self.filter().start().ctl("add", *(f"listed{number}@d.example" for number in range(100)))
        self.follow_the_example()
        self.mta.start()
        begun = time.monotonic()
        submission = send(25, *(f"listed{number}@d.example" for number in range(100)))
        self.assertEqual({submission.code(to) for to in submission.recipients}, {550})
        self.assertLess(time.monotonic() - begun, 60, "with Debian's own line it would have been 97 s")

    def test_the_submission_port_asks_for_authentication_and_a_public_port_does_not_ask_the_filter(self):
        self.filter().start().ctl("add", "root@mta.sender.example")
        public = re.search(r"DAEMON_OPTIONS\(`Family=inet, Name=MX-v4.*?\)dnl", example()).group().replace("192.0.2.1", "127.0.0.5")
        self.follow_the_example(public + "\n")
        self.mta.start()
        with self.assertRaisesRegex(RuntimeError, "530 5.7.0 Authentication required"):
            send(587, "good@a.example")
        for host, code in (("127.0.0.1", 550), ("127.0.0.5", 250)):
            self.assertEqual(send(25, "root@mta.sender.example", host=host).code("root@mta.sender.example"), code, host)

    def test_under_run_as_user_a_socket_that_is_not_that_users_does_not_go_unnoticed(self):
        daemon = self.filter()
        daemon.listen()
        daemon.start().ctl("add", "listed@d.example")
        self.follow_the_example("define(`confRUN_AS_USER', `smmta')dnl\n")
        group = int(run("id", "-g", "smmta").stdout)
        for owner, mode in ((group, 0o660), (DAEMON_UID, 0o666)):
            with self.subTest(group=owner, mode=oct(mode)):
                os.chown(SOCKET, DAEMON_UID, owner)
                os.chmod(SOCKET, mode)
                self.mta.start()
                self.assertEqual(send(25, "listed@d.example").code("listed@d.example"), 550)
                self.mta.stop()
        self.assertNotIn("unsafe", self.mta.log_text())
        os.chmod(SOCKET, 0o660)
        self.mta.start()
        self.mta.process.wait(30)
        self.assertRegex(self.mta.log_text(), f"Xsuppressd: local socket name {SOCKET} unsafe: Permission denied")
        self.assertFalse(listens("127.0.0.1", 25), "the example says that it does not start")

    def test_the_example_pasted_as_it_is_takes_sendmail_down(self):
        """Why the example warns against it: if this fails, the warning can be removed."""
        with open(MC, encoding="utf-8") as file:
            mc = file.read()
        with open(MC, "w", encoding="utf-8") as file:
            file.write(mc.replace("MAILER_DEFINITIONS", example() + "MAILER_DEFINITIONS"))
        os.utime(MC, (time.time() + 1,) * 2)
        run("make", "-C", "/etc/mail")
        with open(CF, encoding="utf-8") as file:
            self.assertEqual(len(re.findall(r"(?m)^O DaemonPortOptions=", file.read())), 4)
        self.mta.start()
        self.mta.process.wait(120)
        self.assertRegex(self.mta.log_text(), "cannot bind: Address already in use")
        self.assertRegex(self.mta.log_text(), "server SMTP socket wedged: exiting")
        self.assertFalse(listens("127.0.0.1", 25))


if __name__ == "__main__":
    unittest.main()
