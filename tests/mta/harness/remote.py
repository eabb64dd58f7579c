"""The rest of the world: an SMTP server on 127.0.0.2 whose answer is decided by the recipient's local part.

`dead`, `dead.anna` and `dead7` are all answered as `dead`; a name that the table lacks is accepted. answer() fixes the replies to one
address, one for each attempt, the last of them for good. Thread-safe: the MTA connects whenever it likes.
"""

import collections
import re
import socketserver
import threading

ADDRESS = "127.0.0.2"  # Not 127.0.0.1: that is a local hand-over for suppressd.

# By name: the reply to RCPT, or, after "data:", to the end of the message.
ANSWERS = {
    "dead": "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table",
    "gone": "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the address for typos",
    "full": "552 5.2.2 <{to}>: The email account that you tried to reach is over quota",
    "policy": "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query",
    "content": "data:554 5.7.1 Message rejected as spam by content filtering",
    "greylist": "450 4.2.0 <{to}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/",
    "busy": "451 4.3.0 Temporary server error, please try again later",
    "later": "452 4.2.2 <{to}>: The email account that you tried to reach is over quota, please try again later",
    "hostile": "550 5.7.1 x) to=<victim@remote.example>, relay=x[192.0.2.9]:25, dsn=5.1.1, status=bounced (host x said: 550 5.1.1 no) "
    "status=sent (250 ok)",
}
ACCEPTED = "250 2.1.5 Ok"

Delivered = collections.namedtuple("Delivered", "sender recipients data")


class _Session(socketserver.StreamRequestHandler):
    timeout = 60

    def reply(self, text):
        self.wfile.write((text + "\r\n").encode())

    def handle(self):
        remote = self.server.remote
        self.reply(remote.greeting)
        sender, accepted = None, []
        while line := self.rfile.readline():
            text = line.decode("utf-8", "replace").strip()
            verb = text[:4].upper()
            if verb == "EHLO":
                self.reply("250-remote.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES")
            elif verb == "HELO":
                self.reply("250 remote.example")
            elif verb == "MAIL":
                sender, accepted = _path(text), []
                self.reply("250 2.1.0 Ok")
            elif verb == "RCPT":
                answer = remote.reply_to(_path(text))
                if answer.startswith("data:"):
                    accepted.append((_path(text), answer[5:]))
                    answer = ACCEPTED
                elif answer.startswith("2"):
                    accepted.append((_path(text), None))
                self.reply(answer)
            elif verb == "DATA":
                if not accepted:
                    self.reply("554 5.5.1 Error: no valid recipients")
                    continue
                self.reply("354 End data with <CR><LF>.<CR><LF>")
                data = self.read_message()
                refusals = [refusal for _, refusal in accepted if refusal]
                if not refusals:
                    remote.deliver(Delivered(sender, [to for to, _ in accepted], data))
                self.reply(refusals[0] if refusals else "250 2.0.0 Ok: queued as REMOTE")
            elif verb == "RSET":
                sender, accepted = None, []
                self.reply("250 2.0.0 Ok")
            elif verb == "QUIT":
                self.reply("221 2.0.0 Bye")
                return
            else:
                self.reply("250 2.0.0 Ok")

    def read_message(self):
        lines = []
        while (line := self.rfile.readline()) and line.rstrip(b"\r\n") != b".":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines).decode("utf-8", "replace").replace("\r\n", "\n")


def _path(command):
    """The address of MAIL FROM:<...> or RCPT TO:<...>; quotes may hold a `>`."""
    match = re.search(r':\s*<((?:"(?:\\.|[^"\\])*"|[^>"])*)>', command)
    return match.group(1) if match else ""


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # The MTA may hang up whenever it likes.


class Remote:
    def __init__(self, address=ADDRESS, port=0, greeting="220 remote.example ESMTP"):
        self.greeting = greeting
        self.answers = dict(ANSWERS)
        self._fixed = {}
        self._lock = threading.Lock()
        self._messages = []
        self._attempts = []
        self._server = _Server((address, port), _Session)
        self._server.remote = self
        self.address, self.port = self._server.server_address
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def answer(self, address, *replies):
        with self._lock:
            self._fixed[address] = list(replies)

    def reply_to(self, address):
        with self._lock:
            fixed = self._fixed.get(address)
            if fixed:
                reply = fixed.pop(0) if len(fixed) > 1 else fixed[0]
            else:
                name = re.match(r"[a-z]*", address.lower()).group()
                reply = self.answers.get(name, ACCEPTED)
            reply = reply.replace("{to}", address)
            self._attempts.append((address, reply))
            return reply

    def deliver(self, message):
        with self._lock:
            self._messages.append(message)

    def messages(self, recipient=None):
        with self._lock:
            return [message for message in self._messages if recipient is None or recipient in message.recipients]

    def attempts(self, address):
        """Replies that RCPT for this address got."""
        with self._lock:
            return [reply for to, reply in self._attempts if to == address]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
