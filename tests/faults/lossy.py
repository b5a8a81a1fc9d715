"""A proxy that loses answers: the server has done what it was asked, and nobody learns of it (X15)."""

from __future__ import annotations

import socket
import struct
import threading
from random import Random

RESET = struct.pack("ii", 1, 0)
"""The option by which closing a connection resets it, as a broken network does."""


class Lossy(threading.Thread):
    """Hands requests on to a port, and of the answers only some back."""

    def __init__(self, port: int, dice: Random, loss: float) -> None:
        super().__init__(daemon=True)
        self._behind = port
        self._dice = dice
        self._loss = loss
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.lost = 0

    def run(self) -> None:
        """Serve one connection after the other until it is closed."""
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                self._carry(client)

    def close(self) -> None:
        """Take no more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.join()

    def _carry(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._behind)) as server:
            server.sendall(_whole(client))
            answer = _whole(server)  # the server has committed, and said so
        if self._dice.random() < self._loss:
            self.lost += 1
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        else:
            client.sendall(answer)


def _whole(side: socket.socket) -> bytes:
    """Read one message: its head, and as much as that says."""
    message = b""
    while b"\r\n\r\n" not in message:
        message += side.recv(65_536)
    head, _, body = message.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < wanted:
        body += side.recv(65_536)
    return head + b"\r\n\r\n" + body
