"""hl7's MLLP server, which acknowledges each message: hl7_server.py HOST PORT."""

import asyncio
import sys

from hl7.mllp import start_hl7_server


async def acknowledge(reader, writer):
    while True:
        message = await reader.readmessage()
        writer.writemessage(message.create_ack(message_id="1"))
        await writer.drain()


async def main():
    async with await start_hl7_server(acknowledge, sys.argv[1], int(sys.argv[2]), encoding="utf-8") as server:
        await server.serve_forever()


asyncio.run(main())
