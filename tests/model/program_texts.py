"""The texts of programs: the lines that Postfix logs of a message, and the mails that report on one, with the proof that it was ours."""

import base64
import datetime
import email.utils
import hashlib
import hmac
import typing

from random_programs import BOUNCES, LATER, TIMEOUT

TRACE_SECRET = b"k" * 32
TRACE_KEYS = f"k1 2025-01-01T00:00:00Z {base64.urlsafe_b64encode(TRACE_SECRET).decode().rstrip('=')}\n"


class Line(typing.NamedTuple):
    at: int
    number: int  # of its message; the lines of one keep their order
    rank: int
    host: str
    text: str


def lines_of(message):
    """A message's log lines, in order."""
    lines = []

    def add(offset, service, text):
        at = datetime.datetime.fromtimestamp(message.entered + offset, datetime.timezone.utc)
        text = f"{at:%Y-%m-%dT%H:%M:%S}+00:00 {message.host} postfix/{service}[77]: {message.queue_id}: {text}"
        lines.append((message.entered + offset, text))

    def attempt(send, offset, status, reply, relay=True):
        domain = send.to.partition("@")[2]
        said = reply.said_to(send.to)
        if status != "sent" and relay:
            said = f"host mx.{domain}[192.0.2.1] said: {said} (in reply to RCPT TO command)"
        via = f"mx.{domain}[192.0.2.1]:25" if relay else "none"
        delay = f"delay={offset}, delays=0/0/0/{offset}"
        add(offset, "smtp", f"to=<{send.to}>, relay={via}, {delay}, dsn={reply.status}, status={status} ({said})")

    add(0, "smtpd", "client=unknown[127.0.0.1]")
    add(0, "cleanup", f"message-id=<{message.queue_id}@{message.host}>")
    add(0, "qmgr", f"from=<{message.sender}>, size=400, nrcpt={len(message.sends)} (queue active)")
    for send in message.sends:
        for offset in send.deferrals:
            attempt(send, offset, "deferred", send.later, relay=send.later is not TIMEOUT)
        if send.fate == "sent":
            attempt(send, send.end, "sent", LATER._replace(status="2.0.0", words="250 2.0.0 Ok: queued as 12345"))
        elif send.fate in BOUNCES:
            attempt(send, send.end, "bounced", BOUNCES[send.fate], relay=send.fate != "no-domain")
    if message.expires:
        add(message.last - message.entered, "qmgr", f"from=<{message.sender}>, status=expired, returned to sender")
    if not message.stays:
        add(message.last - message.entered, "qmgr", "removed")
    lines.sort(key=lambda line: line[0])  # those of one second as they are
    return [Line(at, message.number, rank, message.host, text) for rank, (at, text) in enumerate(lines)]


_BOUNCE = """\
From: MAILER-DAEMON@mx.remote.example
To: {sender}
Date: {date}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.{domain}

Final-Recipient: rfc822; {to}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: text/rfc822-headers

{trace}From: {sender}
Subject: News

--b--
"""

_COMPLAINT = """\
From: fbl@provider.example
To: abuse@sender.example
Date: {date}
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

A complaint.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: x/1
Version: 1
Original-Rcpt-To: {to}

--b
Content-Type: message/rfc822

{trace}From: {sender}
Subject: News

Hello
--b--
"""


def _digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def trace_header(message):
    """As the milter signs it (include/suppressd/core/trace.h)."""
    of_recipients = _digest(TRACE_SECRET, f"suppressd trace recipient {message.queue_id} {message.entered}")
    names = "".join(_text(_digest(of_recipients, send.to))[:8] for send in message.sends)
    value = (
        f"v=1;k=k1;q={message.queue_id};t={message.entered};s={_text(message.sender.encode())};"
        f"n={len(message.sends)};r={names};"
    )
    signature = _text(_digest(_digest(TRACE_SECRET, "suppressd trace header"), value))
    return f"Suppressd-Trace: {value}h={signature}\n"


def mail_of(report):
    words = {"to": report.to, "domain": report.to.partition("@")[2], "sender": report.message.sender}
    words.update(date=email.utils.formatdate(report.at), trace=trace_header(report.message))
    if report.what == "complaint":
        return _COMPLAINT.format(**words)
    reply = BOUNCES[report.what]
    return _BOUNCE.format(status=reply.status, words=reply.said_to(report.to), **words)
