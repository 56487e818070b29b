"""The tutorial's server: a thread for each client, one read for a header, one for a payload.

It listens on a free port and prints which. As in the tutorial, it takes the end of a
connection for a frame of length zero, and answers that until writing fails.
"""

import socket
import threading


def serve(client):
    try:
        while True:
            length = int.from_bytes(client.recv(4), "little")
            message = "echo : " + client.recv(length).decode()
            data = message.encode()
            client.sendall(len(data).to_bytes(4, byteorder="little"))
            client.sendall(data)
    except OSError:
        pass
    finally:
        client.close()


server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 0))
server.listen()
print(server.getsockname()[1], flush=True)
while True:
    client, _ = server.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
