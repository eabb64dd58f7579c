"""The units with Postfix: restarts under mail, deaths, wrong configurations, the wrong unit for a socket."""

import re
import time
import unittest

from boxes.case import BoxTest
from boxes.service import NAME, SOCKET
from boxes.setup import PATHS
from boxes.traffic import Traffic
from harness.tools import wait_until

WRONG_PAIR = r"(?s)(?=.*suppressd\.socket)(?=.*fd:3)"  # What a message on the wrong pair has to name.


class Installed(BoxTest):
    mta = "postfix"

    def test_no_library_of_the_programs_is_missing(self):
        linked = self.box.shell('ldd "$(command -v suppressd)" "$(command -v suppressctl)"').stdout
        self.assertNotIn("not found", linked)

    def test_the_socket_is_nobody_else_s_than_postfix_s(self):
        owner = self.box.run("stat", "-c", "%F %U %G %a", PATHS[self.mta][5:]).stdout
        self.assertEqual(owner.strip(), "socket suppressd postfix 660")

    def test_the_service_is_not_exposed_by_more_than_one(self):
        said = self.box.run("systemd-analyze", "security", "--no-pager", NAME).stdout
        exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
        self.assertIsNotNone(exposure, said)
        self.assertLessEqual(float(exposure.group(1)), 1.0)

    def test_systemd_does_not_find_fault_with_the_units(self):
        result = self.box.run("systemd-analyze", "verify", "--man=no", NAME, SOCKET, check=False)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))


class BySocket(BoxTest):
    mta = "postfix"

    def setUp(self):
        super().setUp()
        self.use_socket()

    def test_eight_restarts_under_mail_do_not_let_a_suppressed_recipient_pass(self):
        listed = self.listed()
        open_passed = 0
        with Traffic(self.box, self.port, listed, self.address("good")) as traffic:
            for _ in range(8):
                time.sleep(0.3)
                client = self.session()
                client.mail("news@sender.example")
                traffic.restart(self.service)
                open_passed += client.rcpt(listed)[0] == 250
            time.sleep(0.5)
        met, after = traffic.passed()
        kept = f"{open_passed} of 8 that were kept open over a restart"
        print(f"{len(traffic.sessions)} sessions; passed: {kept}, {len(met)} that a restart met")
        self.assertEqual([session for session in traffic.sessions if session.error], [])
        self.assertEqual(after, [], traffic.restarts)
        self.assertGreater(len(traffic.sessions), 40)
        self.assertTrue(self.service.is_active())
        self.assertEqual(self.code(listed), 550)

    def test_a_wrong_configuration_neither_closes_the_socket_nor_spins(self):
        listed = self.listed()
        self.break_configuration()
        cursor = self.service.now()
        self.service.systemctl("restart", "--no-block", NAME)
        self.service.wait_said("treshold", cursor)
        for _ in range(3):
            self.assertEqual(self.code(listed), 250, "mail flows while it is down")
        tried = len(re.findall("treshold", self.service.said(cursor)))
        self.assertLessEqual(tried, 2, "it was tried again and again")
        self.assertTrue(self.service.is_active(SOCKET))
        self.repair_configuration()
        self.service.wait_active(60)
        self.assertEqual(self.code(listed), 550)

    def test_after_a_wrong_configuration_a_start_by_hand_does_not_wait(self):
        listed = self.listed()
        self.break_configuration()
        for _ in range(6):
            self.service.systemctl("restart", NAME, check=False)
        self.code(listed)
        self.repair_configuration()
        begun = time.monotonic()
        self.service.start()
        self.assertLess(time.monotonic() - begun, 10)
        self.assertTrue(self.service.is_active())
        self.assertTrue(self.service.is_active(SOCKET))
        self.assertEqual(self.code(listed), 550)

    def test_a_path_beside_the_socket_unit_does_not_fail_without_the_way_out(self):
        cursor = self.service.now()
        self.configure(restart=False, milter__socket="unix:/var/spool/postfix/suppressd/suppressd.sock")
        self.restart_fails()
        self.service.wait_said(WRONG_PAIR, cursor)

    def test_two_passed_sockets_are_not_taken_for_one(self):
        cursor = self.service.now()
        self.service.stop()
        self.drop_in("[Socket]\nListenStream=/run/suppressd-second.sock\n", SOCKET)
        self.service.systemctl("start", SOCKET)
        self.assertNotEqual(self.service.systemctl("start", NAME, check=False).returncode, 0)
        self.service.wait_said(r"(?i)\b(two|2|more than one)\b.*ListenStream", cursor)
        self.service.stop()


class ByPath(BoxTest):
    mta = "postfix"

    def setUp(self):
        super().setUp()
        self.use_path()

    def test_seven_restarts_do_not_stop_the_unit(self):
        listed = self.listed()
        for _ in range(7):
            self.service.restart()
        self.assertTrue(self.service.is_active())
        self.assertEqual(self.code(listed), 550)

    def test_a_wrong_configuration_is_not_tried_in_a_loop(self):
        listed = self.listed()
        self.break_configuration()
        for _ in range(6):
            self.restart_fails()
        cursor = self.service.now()
        time.sleep(5)
        self.assertEqual(self.service.show("ActiveState"), "failed")
        self.assertEqual(self.service.show("ExecMainStatus"), "78")
        self.assertNotIn("status=78", self.service.said(cursor))
        self.repair_configuration()
        begun = time.monotonic()
        self.service.start()
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(self.code(listed), 550)

    def test_a_killed_daemon_does_not_stay_down(self):
        self.killed()

    def test_fd_3_without_the_socket_unit_does_not_fail_without_the_way_out(self):
        cursor = self.service.now()
        self.configure(restart=False, milter__socket="fd:3")
        self.restart_fails()
        self.service.wait_said(WRONG_PAIR, cursor)

    def test_an_internet_socket_that_the_unit_forbids_does_not_fail_without_the_way_out(self):
        cursor = self.service.now()
        self.configure(restart=False, milter__socket="inet:8891@127.0.0.1")
        self.restart_fails()
        self.service.wait_said("RestrictAddressFamilies", cursor)


class Deaths(BoxTest):
    mta = "postfix"

    def test_a_killed_daemon_neither_stays_down_nor_learns_twice(self):
        self.use_socket()
        self.killed()

    def test_a_daemon_that_hangs_is_not_left_hanging(self):
        listed = self.listed()
        self.drop_in("[Service]\nWatchdogSec=3s\n")
        self.service.restart()
        hung = self.service.pid
        cursor = self.service.now()
        self.service.signal("STOP")
        missed = self.bounced()
        self.service.wait_another(hung)
        self.assertRegex(self.service.said(cursor), "(?i)watchdog timeout")
        self.service.wait_suppressed(missed)
        self.assertEqual((self.code(listed), self.code(missed)), (550, 550))
        self.assertEqual(len(self.service.failures(missed)), 1)


class Reload(BoxTest):
    mta = "postfix"

    def test_a_reload_with_a_wrong_configuration_does_not_succeed(self):
        listed = self.listed()
        pid = self.service.pid
        self.configure(restart=False, milter__mode="monitor")
        self.break_configuration()
        result = self.service.systemctl("reload", NAME, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.service.wait_said("treshold", self.begun)
        self.assertEqual(self.code(listed), 550, "the old configuration stays in force")
        self.assertEqual(self.service.pid, pid)
        self.repair_configuration()
        self.service.systemctl("reload", NAME)
        wait_until(lambda: self.code(listed) == 250, "the mode to change")
        self.assertEqual(self.service.pid, pid)

    def test_sighup_does_not_stop_the_daemon(self):
        listed = self.listed()
        pid = self.service.pid
        self.configure(restart=False, milter__mode="monitor")
        self.service.signal("HUP")
        wait_until(lambda: self.code(listed) == 250, "the mode to change")
        time.sleep(6)  # libmilter notices a stop within five seconds.
        self.assertEqual(self.service.pid, pid)


if __name__ == "__main__":
    unittest.main()
