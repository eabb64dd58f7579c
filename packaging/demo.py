"""The steps of demo.sh. Exits with status 1 if anything differs from what it announces."""

import os
import shlex
import sys
import textwrap
import time

from harness.daemon import Suppressd
from harness.mail import SENDER, send
from harness.postfix import Postfix
from harness.remote import ACCEPTED, Remote
from harness.tools import Workspace, run, wait_until

_COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
_FULL = "552 5.2.2 The email account that you tried to reach is over quota"


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if _COLOUR else text


def say(text):
    print(textwrap.fill(" ".join(text.split()), 100))


def shown(prefix, text):
    for line in text.rstrip().splitlines():
        print(f"    {prefix}{line}")


class Demo:
    def __init__(self):
        self.steps = 0
        self.workspace = Workspace()
        self.remote = Remote()
        socket = f"unix:{self.workspace.path}/suppressd/suppressd.sock"
        self.mta = Postfix(self.workspace, self.remote, socket)
        self.daemon = Suppressd(self.workspace, self.mta.log, {"soft.min_interval": "0s"})

    def step(self, title):
        self.steps += 1
        print()
        print(paint("1;36", f"{self.steps}. {title}"))

    def expect(self, true, what):
        if not true:
            print(paint("1;31", f"\nNot as announced: {what}"))
            print("\n--- log of suppressd", self.daemon.said(), "--- mail log", self.mta.log_text(), sep="\n")
            sys.exit(1)

    def mail(self, *recipients, settle=True):
        """Sends one message and shows the dialogue's essential lines."""
        submission = send(self.mta.port, *recipients)
        for recipient, reply in submission.recipients.items():
            colour = "32" if reply.startswith("250") else "31"
            shown("", f"RCPT TO:<{recipient}>")
            shown("", "  " + paint(colour, reply))
        if settle:
            self.mta.wait_empty()
            self.daemon.settle()
        return submission

    def log(self, recipient):
        """The last line of the mail log about a recipient."""
        line = self.mta.log_lines(f"to=<{recipient}>")[-1]
        text = line.partition("]: ")[2]
        print(textwrap.fill(text, 96, initial_indent="    mail.log: ", subsequent_indent="      "))

    def sqlite(self, sql):
        print(paint("2", f"    $ sqlite3 -box suppressd.db {shlex.quote(sql)}"))
        shown("", run("sqlite3", "-readonly", "-box", self.daemon.database, sql).stdout or "(no rows)")

    def suppressctl(self, *words):
        print(paint("2", f"    $ suppressctl {shlex.join(words)}"))
        result = self.daemon.ctl(*words, check=False)
        shown("", result.stdout + result.stderr)
        return result.returncode

    def failing_send(self, recipient, expected):
        time.sleep(1.1)  # Times in a mail log are whole seconds.
        self.mail(recipient)
        self.log(recipient)
        streak = self.daemon.streaks().get(recipient, 0)
        self.expect(streak == expected, f"a streak of {expected} for {recipient}")

    def run(self):
        self.step("What runs here")
        self.daemon.start()
        self.mta.start()
        say(
            f"""A private Postfix on 127.0.0.1:{self.mta.port}, with suppressd as its milter. All its
            outbound mail goes to a simulated Internet on {self.remote.address}:{self.remote.port}, where
            some mailboxes are dead, full or selective. suppressd runs as an unprivileged user, reads
            Postfix's log, and keeps its list in one SQLite file. An installed mail system is not touched."""
        )
        self.sqlite("SELECT address, kind FROM v_suppressed")

        self.step("The first mail to a dead mailbox is accepted, tried, and bounces")
        first = self.mail("dead@shop.example", "good@shop.example")
        self.expect(first.code("dead@shop.example") == 250, "the first mail is accepted")
        self.log("dead@shop.example")
        say("The remote server refused it permanently, so Postfix bounced it. suppressd read that and wrote:")
        self.sqlite("SELECT address, kind, category, since, until FROM v_suppressed")
        self.expect(self.daemon.suppressed() == {"dead@shop.example": "hard"}, "the row")

        self.step("The second mail is refused at RCPT, before it costs reputation; the other is accepted")
        second = self.mail("dead@shop.example", "good@shop.example")
        self.expect(
            "recipient suppressed" in second.recipients["dead@shop.example"]
            and second.code("good@shop.example") == 250,
            "the refusal",
        )
        attempts = len(self.remote.attempts("dead@shop.example"))
        self.expect(attempts == 1, "the remote server saw the dead address only once")
        say("The remote server has seen the dead address once, and will not see it again.")

        self.step("A 5xx that blames the sender costs no address")
        self.mail("policy@bank.example")
        self.log("policy@bank.example")
        say("A blocklist refused us, not the mailbox: the address is not suppressed.")
        self.expect(self.suppressctl("check", "policy@bank.example") == 0, "the address is accepted")

        self.step("A full mailbox is suppressed after three failed sends in a row")
        say("The minimum interval between failures (soft.min_interval, 16 h) is switched off for this demo.")
        self.failing_send("full@mail.example", 1)
        self.failing_send("full@mail.example", 2)
        self.sqlite("SELECT address, streak, category FROM v_streak")
        self.failing_send("full@mail.example", 3)
        self.sqlite("SELECT address, kind, category, since, until FROM v_suppressed")
        self.expect(self.daemon.suppressed().get("full@mail.example") == "soft", "the soft entry")
        refused = self.mail("full@mail.example", settle=False)
        self.expect(refused.code("full@mail.example") == 550, "the refusal")

        self.step("A delivery in between resets the streak")
        self.remote.answer("bea@mail.example", _FULL, _FULL, ACCEPTED, _FULL)
        self.failing_send("bea@mail.example", 1)
        self.failing_send("bea@mail.example", 2)
        time.sleep(1.1)
        self.mail("bea@mail.example")
        self.log("bea@mail.example")
        self.expect("bea@mail.example" not in self.daemon.streaks(), "no streak after the delivery")
        self.failing_send("bea@mail.example", 1)
        self.sqlite("SELECT address, streak, last_delivery FROM v_streak WHERE address LIKE 'bea@%'")
        say("Counted since the delivery: one, not three. The address gets its mail.")

        self.step("Why does this address get no mail?")
        self.expect(self.suppressctl("check", "full@mail.example") == 1, "check says no")
        self.suppressctl("show", "full@mail.example")
        self.sqlite(
            "SELECT at, act, kind, cause, queue_id, code, status, text "
            "FROM v_why WHERE address = 'dead@shop.example'"
        )

        self.step("Lifted by hand, in force at once")
        self.suppressctl("lift", "full@mail.example", "--note", "mailbox was cleaned up")
        again = self.mail("full@mail.example", settle=False)
        self.expect(again.code("full@mail.example") == 250, "accepted again")
        notices = self.remote.messages(SENDER)
        self.expect(all(notice.sender == "" for notice in notices), "only bounces came back")

        self.mta.stop()
        self.daemon.stop()
        self.remote.close()
        self.workspace.remove()
        wait_until(lambda: not os.path.exists(self.workspace.path), "the workspace to be gone")
        print()
        say("Everything is stopped, and the demo's folder is removed. Next: README.md.")


if __name__ == "__main__":
    try:
        Demo().run()
    except KeyboardInterrupt:
        sys.exit("\nstopped; everything is cleaned up")
