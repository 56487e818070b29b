"""A station of c104 with a measured value, 1.5, at address 7: iec104_server.py HOST PORT."""

import sys
import threading

import c104

server = c104.Server(ip=sys.argv[1], port=int(sys.argv[2]))
station = server.add_station(common_address=1)
station.add_point(io_address=7, type=c104.Type.M_ME_NC_1).value = 1.5
server.start()
threading.Event().wait()
