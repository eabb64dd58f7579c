"""Scripts of miltertest(8), an independent milter client, run against the daemon, and what was recorded."""

import glob
import os
import shutil
import unittest

from harness.case import MtaTest
from harness.tools import run, wait_until

_SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "miltertest")


class Miltertest(MtaTest):
    def test_scripts(self):
        if not shutil.which("miltertest"):
            self.skipTest("miltertest is not installed")
        log = os.path.join(self.workspace.folder("log"), "mail.log")
        with open(log, "wb"):
            pass
        daemon = self.suppressd(log).start()
        daemon.ctl("add", "listed@d.example")
        expected = {"smtp.lua": ("refused", 7), "command.lua": ("removed", 1)}
        self.assertEqual({os.path.basename(path) for path in glob.glob(_SCRIPTS + "/*.lua")}, set(expected))
        for script, (outcome, count) in expected.items():
            with self.subTest(script):
                socket = daemon.settings["milter.socket"]
                run("miltertest", "-s", script, "-D", f"socket={socket}", cwd=_SCRIPTS)
                wait_until(
                    lambda outcome=outcome, count=count: (outcome, count)
                    in daemon.query("SELECT outcome, count(*) FROM refusal GROUP BY outcome ORDER BY outcome"),
                    lambda outcome=outcome, count=count: f"{count} {outcome}, but there are {daemon.query('SELECT * FROM refusal')}",
                )


if __name__ == "__main__":
    unittest.main()
