"""A PLC of python-snap7, with eight bytes in its data block 1: s7_server.py HOST PORT."""

import sys
import threading

from snap7.server import Server
from snap7.type import SrvArea

server = Server(log=False)
server.register_area(SrvArea.DB, 1, bytearray(b"\x01\x02\x03\x04\x05\x06\x07\x08"))
server.start_to(sys.argv[1], int(sys.argv[2]))
threading.Event().wait()
