"""What the test files share: a TestCase that owns a workspace, a remote server and whatever it starts, and says why it skips."""

import os
import sys
import unittest

from .daemon import Suppressd
from .postfix import Postfix
from .remote import Remote
from .tools import Unavailable, Workspace


class MtaTest(unittest.TestCase):
    """Each test gets a workspace, `self.remote`, and may start daemons and MTAs; all of it is gone when the test ends."""

    maxDiff = None

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root: it starts a mail server of its own")
        self.workspace = Workspace()
        self.addCleanup(self.workspace.remove)
        self.remote = Remote()
        self.addCleanup(self.remote.close)
        self._shown = []

    def _callTestMethod(self, method):
        try:
            super()._callTestMethod(method)
        except Unavailable as missing:
            self.skipTest(str(missing))
        except unittest.SkipTest:
            raise
        except Exception:
            self._show()
            raise

    def _show(self):
        for title, text in self._shown:
            lines = text().splitlines()[-60:]
            print(f"--- {title}", *lines, sep="\n", file=sys.stderr)

    def suppressd(self, log=None, name="suppressd", **settings):
        """A daemon, not started: `soft__threshold=3` is soft.threshold."""
        daemon = Suppressd(self.workspace, log, {key.replace("__", "."): value for key, value in settings.items()}, name)
        self.addCleanup(daemon.close)
        self._shown.append((f"what {name} said", lambda: daemon.said() if os.path.exists(daemon.output) else ""))
        return daemon

    def postfix(self, milter=None, parameters=None, resolver=None, name="postfix", services=""):
        """A Postfix, not started."""
        mta = Postfix(self.workspace, self.remote, milter, parameters, resolver, name, services)
        self.addCleanup(mta.stop)
        self._shown.append((f"log of {name}", mta.log_text))
        return mta

    def pair(self, parameters=None, **settings):
        """A running daemon and a running Postfix that asks it: (daemon, postfix)."""
        mta = self.postfix(milter=f"unix:{self.workspace.path}/suppressd/suppressd.sock", parameters=parameters)
        daemon = self.suppressd(mta.log, **settings).start()
        return daemon, mta.start()
