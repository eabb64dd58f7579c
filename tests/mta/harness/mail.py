"""Handing mail to the MTA as an application does: over SMTP, answer by answer."""

import itertools
import smtplib

SENDER = "news@sender.example"
_numbers = itertools.count(1)


class Submission:
    """What the MTA answered: `recipients` maps each address to its reply, `data` is the answer to the message (None: not sent)."""

    def __init__(self):
        self.recipients = {}
        self.data = None

    def code(self, recipient):
        return int(self.recipients[recipient][:3])


def text_of(sender, recipients, subject="harness"):
    to = ", ".join(recipients) if len(recipients) < 20 else "undisclosed-recipients:;"
    return f"From: {sender or 'MAILER-DAEMON@sender.example'}\nTo: {to}\nSubject: {subject} {next(_numbers)}\n\nHello.\n"


def send(port, *recipients, sender=SENDER, host="127.0.0.1", message=None):
    submission = Submission()
    with smtplib.SMTP(host, port, local_hostname="client.sender.example", timeout=60) as client:
        client.ehlo()
        code, reply = client.mail(sender)
        if code != 250:
            raise RuntimeError(f"MAIL FROM:<{sender}>: {code} {reply.decode(errors='replace')}")
        for recipient in recipients:
            code, reply = client.rcpt(recipient)
            submission.recipients[recipient] = f"{code} {reply.decode(errors='replace')}"
        if any(submission.code(recipient) == 250 for recipient in recipients):
            code, reply = client.data((message or text_of(sender, recipients)).replace("\n", "\r\n").encode())
            submission.data = f"{code} {reply.decode(errors='replace')}"
    return submission
