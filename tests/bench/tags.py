"""tags: what [tags] cost a recipient and a whole message, through one real Postfix: services that differ in the milter's settings only.

Without tags, the MTA sends suppressd no headers and is told to go on at DATA; with a tag from a header it sends all of them, and waits for
the answer to the end of the message. Every round visits all services in a new order; ratios are made within a round.
"""

import os
import random
import smtplib
import threading
import time

from harness.postfix import Postfix
from harness.remote import Remote
from harness.tools import free_port, listens, run, wait_until

import rcpt
from ratio import describe, median
from scene import say

_TAGS = {
    "none": {},
    "from the login": {"tags__account": "sasl"},
    "one header": {"tags__campaign": "header:X-Campaign"},
    "three headers": {"tags__campaign": "header:Feedback-ID:1", "tags__source": "header:Feedback-ID:2", "tags__account": "list-id"},
}
_CLIENTS = 4
_TEXT = "".join(f"X-Header-{number}: {'x' * 40}\r\n" for number in range(20)) + (
    "Feedback-ID: summer:list:shop:x\r\nX-Campaign: summer\r\nList-Id: <shop.example>\r\n\r\n" + "text\r\n" * 50
)


def _messages(port, count):
    """Seconds for so many messages over several connections."""
    def send(number):
        with smtplib.SMTP("127.0.0.1", port) as client:
            for each in range(count // _CLIENTS):
                client.sendmail("news@shop.example", f"u{number}x{each}@b.example", _TEXT)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(_CLIENTS)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - begun


def _recipients(scene, port, count):
    words = (port, "miss", count, 1_000_000, random.randrange(1 << 31))
    return float(run(scene.tool("bench_rcpt"), *words, timeout=600).stdout.split()[0])


def _compare(what, count, rounds, ports, measure):
    done = []
    for _ in range(rounds):
        done.append({name: measure(ports[name], count) for name in random.sample(list(ports), len(ports))})
    say()
    say(f"tags, {what}: {rounds} rounds of {count:,} a service")
    for name in ports:
        ratios = [one["none"] / one[name] for one in done]
        line = f"  {name:16} {count / median([one[name] for one in done]):10,.0f} /s"
        say(line + (f"   to none {describe(ratios)}" if name != "none" else ""))


def main(scene):
    remote = Remote()
    scene.later(remote.close)
    mta = Postfix(scene.workspace, remote, parameters=rcpt.LIMITS)
    ports = {}
    with open(os.path.join(mta.config, "master.cf"), "a", encoding="ascii") as file:
        file.write("discard unix - - n - - discard\n")
        for number, (name, settings) in enumerate(_TAGS.items()):
            daemon = scene.daemon(f"tags-{number}", mta.log, **settings)
            ports[name] = free_port()
            milter = f"-o {{ smtpd_milters = {{ unix:{daemon.folder}/suppressd.sock, default_action=tempfail }} }}"
            file.write(f"127.0.0.1:{ports[name]} inet n - n - - smtpd -o content_filter=discard: {milter}\n")
    scene.later(mta.stop)
    mta.start()
    for name, port in ports.items():
        wait_until(lambda port=port: listens("127.0.0.1", port), f"the service {name}")
        _messages(port, 200)  # all processes are there
    rounds = 7 if scene.quick else 31
    _compare("RCPT", 8000, rounds, ports, lambda port, count: _recipients(scene, port, count))
    _compare("messages", 400, rounds, ports, _messages)
