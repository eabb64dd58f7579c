"""A DNS server on a loopback address of its own that knows a few names and says NXDOMAIN to all others.

It makes real `Host or domain name not found` answers without a network. `zone` maps a name to its records: ("MX", host), ("A", address) or,
alone, ("CNAME", name).
"""

import os
import socketserver
import struct
import threading

from .tools import Unavailable

_TYPES = {"A": 1, "CNAME": 5, "MX": 15}


def _name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def _question(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("latin-1").lower())
        at += 1 + packet[at]
    return ".".join(labels), struct.unpack("!H", packet[at + 1 : at + 3])[0], packet[12 : at + 5]


def _data(record, value):
    if record == "A":
        return bytes(map(int, value.split(".")))
    return (struct.pack("!H", 10) if record == "MX" else b"") + _name(value)


class _Query(socketserver.BaseRequestHandler):
    def handle(self):
        packet, sock = self.request
        name, kind, question = _question(packet)
        records = self.server.zone.get(name)
        answers = b""
        count = 0
        for record, value in records or ():
            if record == "CNAME" or _TYPES[record] == kind:
                data = _data(record, value)
                answers += struct.pack("!HHHIH", 0xC00C, _TYPES[record], 1, 60, len(data)) + data
                count += 1
        flags = 0x8580 if records else 0x8583
        sock.sendto(packet[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + question + answers, self.client_address)


class Dns:
    def __init__(self, zone, address=None):
        self.address = address or f"127.53.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"
        try:
            self._server = socketserver.ThreadingUDPServer((self.address, 53), _Query)
        except OSError as error:
            raise Unavailable(f"no DNS server of the test can listen on {self.address}:53: {error.strerror}") from error
        self._server.daemon_threads = True
        self._server.zone = zone
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
