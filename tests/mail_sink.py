"""A mail server on loopback that keeps what it is sent, and refuses what it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Taken:
    """One mail as it came: the envelope, and what was in it."""

    sender: str
    recipients: list[str]
    written: bytes

    @property
    def read(self) -> EmailMessage:
        """Return the mail as a mail program reads it."""
        return message_from_bytes(self.written, policy=policy.default)

    def part(self, form: str) -> str:
        """Return its words, `plain` or `html`."""
        body = self.read.get_body(preferencelist=(form,))
        return str(body.get_content()) if body is not None else ""


@dataclass
class Sink:
    """What was sent to the server; `answers` replace replies of its own, by the first word of a line."""

    port: int
    taken: list[Taken] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    connections: int = 0


class _Line(socketserver.StreamRequestHandler):
    """One connection, as RFC 5321 has it, and no extension."""

    def handle(self) -> None:
        sink: Sink = self.server.sink  # type: ignore[attr-defined]
        sink.connections += 1
        sender, recipients = "", list[str]()
        self._say("220 sink")
        for line in self.rfile:
            word, _, rest = line.decode("ascii").strip().partition(" ")
            answer = sink.answers.get(word.upper(), "")
            if answer == "cut":
                return
            if word.upper() == "MAIL":
                sender, recipients = rest, []
            elif word.upper() == "RCPT" and not answer:
                recipients.append(rest.partition(":")[2].strip("<>"))
            elif word.upper() == "DATA" and not answer:
                self._say("354 go on")
                sink.taken.append(Taken(sender, recipients, self._data()))
                answer = sink.answers.get("TAKEN", "")
                if answer == "cut":
                    return
            self._say(answer or "250 ok")
            if word.upper() == "QUIT":
                return

    def _data(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def sink() -> Iterator[Sink]:
    """Run such a server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Line) as server:
        server.daemon_threads = True
        made = server.sink = Sink(server.server_address[1])  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
