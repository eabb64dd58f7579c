"""Three newsletters, each entered a day after the one before, that one queue run bounces because the mailbox is full: whatever the order of
the bounces, in one second or a second apart, the address is suppressed, with a streak of three.

SUPPRESSD_BIN=build/.../src python3 -B tests/model/newsletters_test.py
"""

import itertools
import unittest

from list_database import ListDatabase, WorkFolder, seen
from program_texts import lines_of
from random_programs import BEGIN, DAY, HOUR, LATER, MINUTE, SENDER, Message, Send

QUEUE_RUN = 60 * HOUR  # After BEGIN.


def newsletter(number, apart, end):
    """The first, second or third, which was deferred when it entered, and bounces at `end`."""
    entered = BEGIN + number * apart
    return Message(number, "mta1", entered, SENDER, (Send("reader@a.example", "full", (MINUTE,), BEGIN + end - entered, LATER),))


def log_of(order, apart, gap):
    """`order`: which bounces first, second and third; `gap`: seconds between the bounces."""
    messages = [newsletter(number, apart, QUEUE_RUN + place * gap) for place, number in enumerate(order)]
    lines = [line for message in messages for line in lines_of(message)]
    return sorted(lines, key=lambda line: (line.at, order.index(line.number), line.rank))


class ThreeNewsletters(unittest.TestCase):
    def list_of(self, order, apart, gap):
        with WorkFolder() as folder:
            made = ListDatabase(folder)
            made.read(log_of(order, apart, gap))
            return seen(made.dump())

    def test_any_order_suppresses_with_a_streak_of_three(self):
        for gap, order in itertools.product((0, 1), itertools.permutations(range(3))):
            for apart in (16 * HOUR, DAY):
                with self.subTest(order=order, gap=gap, apart=apart):
                    since = BEGIN + QUEUE_RUN + 2 * gap
                    self.assertEqual(
                        self.list_of(order, apart, gap),
                        {
                            f"reader@a.example soft: active mailbox-full {since} {since + 30 * DAY}",
                            "reader@a.example: delivered None, streak 3, steps 1 0",
                        },
                    )

    def test_any_order_of_three_that_entered_together_counts_once(self):
        for gap, order in itertools.product((0, 1), itertools.permutations(range(3))):
            with self.subTest(order=order, gap=gap):
                streak = {"reader@a.example: delivered None, streak 1, steps 0 0"}
                self.assertEqual(self.list_of(order, 5 * MINUTE, gap), streak)


if __name__ == "__main__":
    unittest.main()
