"""What the benchmarks over HTTP share: waiting for the server that they started."""

from __future__ import annotations

import http.client
import time


def wait_until_ready(port: int) -> None:
    """Return once the server on a port is ready; end the benchmark if it is not within half a minute."""
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server did not start")
