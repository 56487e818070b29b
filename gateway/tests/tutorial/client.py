"""The tutorial's client: sends "hello" nine times on one connection, prints each reply."""

import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect((host, port))
for _ in range(1, 10):
    data = "hello".encode()
    # Two writes, as in the tutorial: header and payload may arrive apart.
    client.sendall(len(data).to_bytes(4, byteorder="little"))
    client.sendall(data)

    # One read each, as in the tutorial: a reply has to arrive whole.
    length = int.from_bytes(client.recv(4), "little")
    message = client.recv(length).decode()
    print("Received from : ", message)
client.close()
