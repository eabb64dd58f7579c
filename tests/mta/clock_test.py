"""The machine's clock jumps while the daemon runs beside a real Postfix: days ahead, days back, and back. It keeps refusing and
learning; what is ahead of its clock waits for it. libfaketime moves only the daemon's clock; Postfix logs the true time, so the
log is in the daemon's past and future.
"""

import glob
import os
import time
import unittest

from harness.case import MtaTest
from harness.mail import send
from harness.tools import wait_until

_JUMPS = ("+3d", "-3d", "+400d", "-400d", "+0")


class Jumps(MtaTest):
    def test_it_refuses_and_learns_whatever_the_clock_says(self):
        library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not library:
            self.skipTest("libfaketime is not installed")
        mta = self.postfix(milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock")
        daemon = self.suppressd(mta.log, log__level="info")
        clock = os.path.join(daemon.folder, "clock")

        def jump(offset):
            with open(clock + ".new", "w", encoding="ascii") as file:
                file.write(offset + "\n")
            os.rename(clock + ".new", clock)

        jump("+0")
        daemon.launcher += ("env", f"LD_PRELOAD={library[0]}", f"FAKETIME_TIMESTAMP_FILE={clock}")
        daemon.environment = {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        daemon.start()
        mta.start()
        daemon.ctl("add", "listed@d.example")
        for number, offset in enumerate(_JUMPS):
            jump(offset)
            with self.subTest(offset):
                dead = f"dead.{number}@b.example"
                submission = send(mta.port, "listed@d.example", dead, "good@a.example")
                self.assertEqual([submission.code(to) for to in submission.recipients], [550, 250, 250])
                mta.wait_empty()
                wait_until(lambda: self.recorded_at(daemon, offset), f"a refusal recorded at {offset}")
                if offset.startswith("-"):
                    wait_until(lambda dead=dead: self.waits(daemon, dead), f"the bounce of {dead} to wait for the clock")
                    self.assertNotIn(dead, daemon.suppressed())
                else:
                    wait_until(lambda number=number: self.dead(daemon) == number + 1, f"{dead} to be learned, and all that waited")
                    self.assertEqual(send(mta.port, dead).code(dead), 550)
        self.assertRegex(daemon.said(), r"ahead of the clock \(the log of \S+\)")
        daemon.settle()
        self.assertEqual(daemon.stop(), 0)
        os.chmod(mta.log, 0o644)
        other = self.suppressd(name="other")
        other.ctl("replay", mta.log)
        self.assertEqual(self.learned(other), self.learned(daemon))

    def recorded_at(self, daemon, offset):
        """Whether a refusal has that time: the daemon's clock did jump."""
        then = time.time() + int(offset.strip("+d")) * 86400
        return daemon.query("SELECT 1 FROM refusal WHERE at BETWEEN ? AND ?", then - 60, then + 60)

    def waits(self, daemon, address):
        return daemon.query("SELECT 1 FROM waiting WHERE instr(outcome, ?)", address)

    def dead(self, daemon):
        return daemon.query("SELECT count(*) FROM suppression WHERE kind = 'hard'")[0][0]

    def learned(self, daemon):
        return daemon.query("SELECT address, kind, since FROM suppression WHERE kind <> 'manual' ORDER BY address")


if __name__ == "__main__":
    unittest.main()
