"""asyncua's server: opcua_server.py HOST PORT."""

import asyncio
import sys

from asyncua import Server


async def main():
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://{sys.argv[1]}:{sys.argv[2]}")
    async with server:
        await asyncio.Event().wait()


asyncio.run(main())
