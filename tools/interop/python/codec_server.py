"""Answers each message with its bytes in reverse, in the framing of a library: codec_server.py HOST PORT FRAMING."""

import asyncio
import sys

import pynetstring
import simplefix
import sliplib
import yahdlc
from bcoding import bdecode, bencode
from cobs import cobs


class Slip:
    def __init__(self):
        self.driver = sliplib.Driver()

    def feed(self, data):
        self.driver.receive(data)
        while (message := self.driver.get(block=False)) is not None:
            yield message

    def encode(self, message):
        return self.driver.send(message)


class Cobs:
    def __init__(self):
        self.buffer = b""

    def feed(self, data):
        *frames, self.buffer = (self.buffer + data).split(b"\0")
        for frame in frames:
            yield cobs.decode(frame)

    def encode(self, message):
        return cobs.encode(message) + b"\0"


class Hdlc:
    """HDLC frames. A message ends with address, control and checksum, which yahdlc checks and adds."""

    def __init__(self):
        self.buffer = b""

    def feed(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\x7e", 1)) > 0:
            frame, self.buffer = self.buffer[: end + 1], self.buffer[end + 1 :]
            yield yahdlc.get_data(frame)[0]

    def encode(self, message):
        return yahdlc.frame_data(message)


class Netstring:
    def __init__(self):
        self.decoder = pynetstring.Decoder()

    def feed(self, data):
        return self.decoder.feed(data)

    def encode(self, message):
        return pynetstring.encode(message)


class Fix:
    """FIX: the message in reverse is the text of an answer to a test request, and its time."""

    def __init__(self):
        self.parser = simplefix.FixParser()

    def feed(self, data):
        self.parser.append_buffer(data)
        while (message := self.parser.get_message()) is not None:
            yield message.get(112)

    def encode(self, message):
        answer = simplefix.FixMessage()
        answer.append_pair(8, "FIX.4.2")
        answer.append_pair(35, "0")
        answer.append_pair(112, message)
        return answer.encode()


class Bencode:
    """bencode: the message is a dictionary's entry "op"."""

    def __init__(self):
        self.buffer = b""

    def feed(self, data):
        self.buffer += data
        while self.buffer:
            try:
                value = bdecode(self.buffer)
            except Exception:
                return
            self.buffer = self.buffer[len(bencode(value)) :]
            yield value["op"].encode()

    def encode(self, message):
        return bencode({"answer": message})


async def main(host, port, codec):
    async def answer(reader, writer):
        state = codec()
        while data := await reader.read(65536):
            for message in state.feed(data):
                writer.write(state.encode(message[::-1]))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, host, int(port))
    await server.serve_forever()


CODECS = {
    "slip": Slip,
    "cobs": Cobs,
    "hdlc": Hdlc,
    "netstring": Netstring,
    "fix": Fix,
    "bencode": Bencode,
}

asyncio.run(main(sys.argv[1], sys.argv[2], CODECS[sys.argv[3]]))
