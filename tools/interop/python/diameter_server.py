"""A node of python-diameter that knows the peer client.example: diameter_server.py HOST PORT."""

import sys
import threading

from diameter.node import Node

node = Node("server.example", "example", ip_addresses=[sys.argv[1]], tcp_port=int(sys.argv[2]))
node.add_peer("aaa://client.example", "example")
node.start()
threading.Event().wait()
