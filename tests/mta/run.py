"""Runs the test modules named on the command line. Exit status: 0 passed, 1 failed, 77 all of it was skipped (ctest: "Skipped")."""

import sys
import unittest

if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:])
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    # A module that is skipped as a whole counts no tests.
    if not result.wasSuccessful() or not (result.testsRun or result.skipped):
        sys.exit(1)
    sys.exit(77 if result.testsRun in (0, len(result.skipped)) else 0)
