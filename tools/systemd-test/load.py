"""Clients of the echo service and of the bridge, that come back when they lose their connection.

    python3 load.py CLIENTS [--tls] [--token TOKEN]

CLIENTS TCP clients and as many WebSocket clients each keep messages in flight until standard
input ends; a further client opens a connection for each of its messages. Then the counts are
printed, as JSON. `begun` is printed once all have had an answer.
"""

import argparse
import asyncio
import base64
import json
import os
import ssl
import struct
import sys
import time
from collections import Counter, deque

IN_FLIGHT = 8
PAUSE = 0.004
# Longer than a start of the gateway, and shorter than the test's patience.
REPLY_TIMEOUT = 60


class Closed(Exception):
    """The server has ended the connection; `code` is that of a WebSocket's Close."""

    def __init__(self, code=None):
        super().__init__(code)
        self.code = code


class Tcp:
    """A connection to the echo service: each message follows its length, u32 little-endian."""

    def __init__(self, options):
        self.options = options

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", 9999)

    def send(self, message):
        self.writer.write(struct.pack("<I", len(message)) + message)

    async def receive(self):
        try:
            (length,) = struct.unpack("<I", await self.reader.readexactly(4))
            return await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Closed from error

    def close(self):
        self.writer.close()


class WebSocket(Tcp):
    """A connection to the bridge. Frames are masked with zeros, so that they stay readable."""

    async def open(self):
        context = None
        if self.options.tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        streams = await asyncio.open_connection("127.0.0.1", 3000, ssl=context)
        self.reader, self.writer = streams
        lines = ["GET /ws HTTP/1.1", "Host: localhost", "Connection: Upgrade"]
        lines += ["Upgrade: websocket", "Sec-WebSocket-Version: 13"]
        lines.append(f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}")
        if self.options.token:
            lines.append(f"Authorization: Bearer {self.options.token}")
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Closed from error
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Closed(int(head.split()[1]))

    def send(self, message):
        self.frame(2, message)

    def frame(self, opcode, payload):
        self.writer.write(struct.pack("!BB4x", 0x80 | opcode, 0x80 | len(payload)) + payload)

    async def receive(self):
        while True:
            try:
                first, length = await self.reader.readexactly(2)
                payload = await self.reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                raise Closed from error
            opcode = first & 0xF
            if opcode == 8:
                self.frame(8, payload)
                raise Closed(struct.unpack("!H", payload[:2])[0])
            if opcode == 9:
                self.frame(10, payload)
            elif opcode in (1, 2):
                return payload


class Load:
    """The counts of all clients, and the end of their work."""

    def __init__(self, options):
        self.options = options
        self.counts = Counter()
        self.longest = 0.0
        self.stopped = False

    async def connected(self, kind):
        """Connects; counts what stands in the way, and tries again."""
        while True:
            connection = kind(self.options)
            try:
                await connection.open()
                return connection
            except OSError:
                self.counts["refused"] += 1
            except Closed as closed:
                self.counts[f"no handshake: {closed.code or 'closed'}"] += 1
            await asyncio.sleep(0.05)

    async def client(self, kind, name, begun):
        """Sends numbered messages, and checks that each is answered, in order."""
        pending, number = deque(), 0
        while not self.stopped or pending:
            connection = await self.connected(kind)
            self.counts["sent again"] += len(pending)
            for message in pending:
                connection.send(message)
            try:
                while not self.stopped or pending:
                    while len(pending) < IN_FLIGHT and not self.stopped:
                        pending.append(f"{name} {number}".encode())
                        connection.send(pending[-1])
                        number += 1
                    await self.reply(connection, pending)
                    begun.set()
                    await asyncio.sleep(PAUSE)
            except Closed as closed:
                end = f"ended: {closed.code}" if closed.code else f"ended: {kind.__name__}"
                self.counts[end] += 1
            connection.close()

    async def reply(self, connection, pending):
        asked = time.monotonic()
        reply = await asyncio.wait_for(connection.receive(), REPLY_TIMEOUT)
        self.longest = max(self.longest, time.monotonic() - asked)
        right = reply == b"echo : " + pending.popleft()
        self.counts["answered" if right else "wrong"] += 1

    async def newcomers(self):
        """Opens a connection for each message."""
        while not self.stopped:
            connection = await self.connected(Tcp)
            connection.send(b"new")
            try:
                await self.reply(connection, deque([b"new"]))
                self.counts["newcomers"] += 1
            except Closed:
                self.counts["newcomers closed"] += 1
            connection.close()
            await asyncio.sleep(PAUSE)

    async def run(self):
        begun = [asyncio.Event() for _ in range(2 * self.options.clients)]
        kinds = [Tcp, WebSocket] * self.options.clients
        clients = [
            asyncio.create_task(self.client(kind, f"{kind.__name__} {number}", event))
            for number, (kind, event) in enumerate(zip(kinds, begun, strict=True))
        ]
        clients.append(asyncio.create_task(self.newcomers()))
        await asyncio.gather(*(event.wait() for event in begun))
        print("begun", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        self.stopped = True
        await asyncio.gather(*clients)
        print(json.dumps(self.counts | {"longest": round(self.longest, 2)}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("clients", type=int)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--token")
    asyncio.run(Load(parser.parse_args()).run())
