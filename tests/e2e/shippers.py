"""What log shippers put on the wire, written after the protocols' specifications."""
import gzip
import hashlib
import json
import socket
import ssl
import struct
import zlib

import msgpack


class Wire:
    """A connection that is read by size."""

    def __init__(self, port, tls=False):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        if tls:
            self.socket = ssl._create_unverified_context().wrap_socket(self.socket, server_hostname="localhost")

    def send(self, data):
        self.socket.sendall(data)
        return self

    def read(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            assert piece, f"closed after {data!r}"
            data += piece
        return data

    def ended(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()


class Forward:
    """Fluentd's forward protocol, version 1."""

    def __init__(self, port, shared_key=None, tls=False):
        self.wire, self.unpacker = Wire(port, tls), msgpack.Unpacker()
        if shared_key is None:
            return
        helo = self.next()
        assert helo[0] == "HELO"
        nonce, salt, name = helo[1]["nonce"], b"0123456789abcdef", "client"
        digest = hashlib.sha512(salt + name.encode() + nonce + shared_key.encode()).hexdigest()
        self.wire.send(msgpack.packb(["PING", name, salt, digest, "", ""]))
        kind, self.welcome, self.reason, host, proof = self.next()
        assert kind == "PONG"
        if self.welcome:
            assert proof == hashlib.sha512(salt + host.encode() + nonce + shared_key.encode()).hexdigest()

    def next(self):
        while True:
            for message in self.unpacker:
                return message
            piece = self.wire.socket.recv(65536)
            assert piece, "closed"
            self.unpacker.feed(piece)

    @staticmethod
    def event_time(at):
        return msgpack.ExtType(0, struct.pack(">II", int(at), int(at % 1 * 1e9)))

    def packed(self, tag, entries, chunk, compress=False):
        body = b"".join(msgpack.packb([self.event_time(at), record]) for at, record in entries)
        options = {"chunk": chunk, "size": len(entries)}
        if compress:
            body, options["compressed"] = gzip.compress(body), "gzip"
        self.wire.send(msgpack.packb([tag, body, options]))
        assert self.next() == {"ack": chunk}


class Lumberjack:
    """Beats' protocol, version 2."""

    def __init__(self, port):
        self.wire = Wire(port)

    def window(self, events, compress=True):
        frames = b"".join(b"2J" + struct.pack(">II", number, len(text)) + text
                          for number, text in enumerate((json.dumps(e).encode() for e in events), 1))
        if compress:
            packed = zlib.compress(frames)
            frames = b"2C" + struct.pack(">I", len(packed)) + packed
        self.wire.send(b"2W" + struct.pack(">I", len(events)) + frames)
        while True:
            version, kind, sequence = struct.unpack(">ccI", self.wire.read(6))
            assert (version, kind) == (b"2", b"A")
            if sequence == len(events):
                return


def varint(number):
    out = b""
    while number >= 0x80:
        out, number = out + bytes([number & 0x7f | 0x80]), number >> 7
    return out + bytes([number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def loki_protobuf(streams):
    """logproto.PushRequest in snappy's block format, all literals."""
    message = b""
    for labels, entries in streams:
        stream = field(1, labels.encode())
        for at, line in entries:
            stamp = b"\x08" + varint(int(at)) + b"\x10" + varint(int(at % 1 * 1e9))
            stream += field(2, field(1, stamp) + field(2, line.encode()))
        message += field(1, stream)
    block = varint(len(message))
    for at in range(0, len(message), 65536):
        piece = message[at:at + 65536]
        block += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return block
