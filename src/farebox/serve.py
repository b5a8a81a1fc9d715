"""
The server: one process with its threads: requests, the projector, the sealer, what time alone decides.

Granian's usual server is two processes, of which the second outlives a kill of the first and keeps the data folder;
this one is a single process that dies whole.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import structlog
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.mt import MTServer

from farebox import collector
from farebox.domain.errors import Busy, FareboxError

GRACE_SECONDS = 25.0
"""How long requests in flight may take to finish after SIGTERM; then the process ends (invariant O1)."""

PROJECT_SECONDS = 0.25
SEAL_SECONDS = 0.5
REVIEW_SECONDS = 1.0
QUERIES_SECONDS = 5.0
EXPORTS_SECONDS = 0.5
EXPORTS_AT_ONCE = 2
SCHEDULES_SECONDS = 5.0
EXPIRE_SECONDS = 60.0
SIGN_INS_SECONDS = 3600.0
MAILS_SECONDS = 2.0
OLD_MAILS_SECONDS = 3600.0
LISTS_SECONDS = 0.5
OLD_LISTS_SECONDS = 3600.0
HEADERS_MS_MAX = 10_000
THREADS = 16


log = structlog.get_logger()


class OneProcess(MTServer):
    """Granian in the process that starts it."""

    def _check_gil(self) -> None:
        """Run with the interpreter's lock as well; the warning that this replaces does not apply."""

    def signal_handler_reload(self, *args: Any) -> None:
        """Ignore SIGHUP: a second owner of the data folder must not start."""

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Stop, and end the process if requests take longer than the grace."""
        timer = threading.Timer(GRACE_SECONDS, os._exit, (3,))
        timer.daemon = True
        timer.start()
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]


class Every(threading.Thread):
    """
    A job that runs again and again until it is stopped; a failure is logged and does not end it.

    `halt` is called when it is to stop, for a job that can take long.
    """

    def __init__(
        self, name: str, seconds: float, job: Callable[[], object], halt: Callable[[], object] | None = None
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._seconds = seconds
        self._job = job
        self._halt = halt
        self._over = threading.Event()

    def run(self) -> None:
        """Run the job at once, then after each pause."""
        from django.db import close_old_connections

        while not self._over.is_set():
            try:
                self._job()
            except Exception:
                log.exception("job failed", job=self.name)
            finally:
                close_old_connections()  # nobody holds a connection while he waits
            self._over.wait(self._seconds)

    def stop(self) -> None:
        """Ask the job to end and wait for it."""
        self._over.set()
        if self._halt is not None:
            self._halt()
        self.join(timeout=10)


def claim_port(host: str, port: int) -> None:
    """Make sure that the server will be able to listen. Raises `Busy` where another program listens already."""
    if not 0 < port < 65_536:
        raise FareboxError(f"cannot listen on port {port}: ports go from 1 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(found[0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} of {host} is taken by another program; choose another with FAREBOX_PORT"
            raise Busy(message) from error
        raise FareboxError(f"cannot listen on port {port} of {host}: {error}") from error


def _jobs() -> list[Every]:
    """Return what runs beside the requests; each derives what to do from the records, and may run twice."""
    from farebox.services.authorise import review_due
    from farebox.services.close_silent import close_silent
    from farebox.services.expire import expire
    from farebox.services.export import Runner, sweep
    from farebox.services.mail import prune, send_due
    from farebox.services.oauth.families import forget
    from farebox.services.people_list import run_due as run_lists
    from farebox.services.people_list import tidy
    from farebox.services.project import project
    from farebox.services.queries import tend
    from farebox.services.recurring import run_due as run_recurring
    from farebox.services.release_jobs import release_jobs
    from farebox.services.schedule import run_due
    from farebox.services.seal import seal
    from farebox.services.seal_audit import seal as seal_audit
    from farebox.services.sessions import forget as forget_sessions
    from farebox.services.single_sign_on import check_due
    from farebox.wallclock import now

    runners = [Runner(now) for _ in range(EXPORTS_AT_ONCE)]
    return [
        Every("projector", PROJECT_SECONDS, project),
        Every("sealer", SEAL_SECONDS, lambda: seal(now=now())),
        Every("audit sealer", SEAL_SECONDS, lambda: seal_audit(now=now())),
        Every("sessions", REVIEW_SECONDS, lambda: review_due(now=now())),
        Every("expiry", EXPIRE_SECONDS, lambda: expire(now=now())),
        Every("sign-ins", SIGN_INS_SECONDS, lambda: forget(now=now())),
        Every("sessions that are over", SIGN_INS_SECONDS, lambda: forget_sessions(now=now())),
        Every("domains", SIGN_INS_SECONDS, lambda: check_due(now=now())),
        Every("silence", EXPIRE_SECONDS, lambda: close_silent(now=now())),
        Every("queries", QUERIES_SECONDS, lambda: tend(now=now())),
        Every("schedules", SCHEDULES_SECONDS, lambda: run_due(now=now())),
        Every("recurring exports", SCHEDULES_SECONDS, lambda: run_recurring(now=now())),
        Every("overdue jobs", EXPIRE_SECONDS, lambda: release_jobs(now=now())),
        Every("old exports", EXPIRE_SECONDS, lambda: sweep(now=now())),
        Every("lists of people", LISTS_SECONDS, lambda: run_lists(now=now())),
        Every("old lists of people", OLD_LISTS_SECONDS, lambda: tidy(now=now())),
        Every("mails", MAILS_SECONDS, lambda: send_due(now=now())),
        Every("old mails", OLD_MAILS_SECONDS, lambda: prune(now=now())),
        *(Every("exports", EXPORTS_SECONDS, runner.run, runner.halt) for runner in runners),
    ]


def keep_records_open() -> None:
    """
    Hold a connection to the records in this thread until the process ends.

    Where the last connection to an embedded database closes, its log is folded away, and whoever opens it next needs
    room for a new one: with a full disk nobody could even read.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM records_counter")


def serve(*, host: str, port: int, started: Callable[[], None] | None = None) -> None:
    """Serve until a signal ends it; the data folder is open and owned by this process already."""
    from django.conf import settings

    from farebox.gateway import Gateway
    from farebox.services import queries
    from farebox.warehouse import current
    from farebox.wsgi import application

    collector.calm()
    keep_records_open()
    jobs = _jobs()
    for job in jobs:
        job.start()
    if started is not None:
        started()
    server = OneProcess(
        "farebox",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        websockets=False,
        log_enabled=False,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MS_MAX),
    )
    gateway = Gateway(application, threads=THREADS, body_max_bytes=settings.EVENTS_MAX_BYTES)
    server.serve(target_loader=lambda *_, **__: gateway, wrap_loader=False)
    queries.stop()
    for job in jobs:
        job.stop()
    current.close()
    collector.thaw()
