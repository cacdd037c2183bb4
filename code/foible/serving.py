"""How does a model answer over HTTP, and how is it asked?

`serve` puts a real prediction service on this machine's loopback; `remote` asks one,
and will not speak to any other machine. Services of others: `foible.calling`.
"""

import json
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from threading import Event, Thread
from typing import Any

import httpx
import numpy as np
from flask import Flask, Response, abort, jsonify, request
from waitress import create_server
from waitress.wasyncore import close_all, loop
from werkzeug.exceptions import HTTPException

from foible.arrays import Floats, finite_rows
from foible.domains import Positive
from foible.errors import ServiceRefused
from foible.models import Classifier, probabilities
from foible.oracle import Transport

MOST_ROWS = 10_000  # in a request
MOST_BYTES = 32 * 2**20  # in a request's body
CELLS = 1_000_000  # numbers in a request: at most 25 MB of JSON
SECONDS = 10.0  # until a request must have come whole
CLIENTS = 500  # at once
SENTENCES = {
    404: "There is nothing here: ask POST /predict or GET /health.",
    405: "This is not how to ask: use POST /predict or GET /health.",
    413: f"A request takes at most {MOST_BYTES // 2**20} MiB.",
    500: "The model failed.",
}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
logging.getLogger("waitress").addHandler(logging.NullHandler())  # a queue is no news


# ---------------------------------------------------------------- the service


@contextmanager
def serve(model: Classifier) -> Iterator[str]:
    """A prediction service for as long as the block lasts.

    `POST /predict` takes `{"rows": [[...], ...]}`, at most 10,000 rows, a million
    numbers and 32 MiB, and gives `{"probabilities": [[...], ...]}`. `GET /health` gives
    `{"status": "ok"}`. What it cannot use it answers with a status from 400 and
    `{"error": "<sentence>"}`, and so it does where the Host is not this machine. Who
    has not sent a whole request after `SECONDS` is cut off. Numbers survive exactly,
    since JSON writes a float64 out in full.

    Yields
    ------
    str
        The address, `http://127.0.0.1:<port>`. No other machine can reach it.
    """
    sockets: dict[int, Any] = {}
    server = create_server(
        _application(model),
        map=sockets,
        host="127.0.0.1",
        port=0,
        threads=2,
        connection_limit=CLIENTS,
        cleanup_interval=1,
        asyncore_use_poll=True,
        max_request_body_size=2 * MOST_BYTES,  # the application's limit speaks first
    )
    server.maintenance = partial(_cut_off, server.active_channels, {})
    over = Event()

    def run() -> None:
        while not over.is_set():
            loop(timeout=1, map=sockets, use_poll=True, count=1)

    thread = Thread(target=run, name="foible service", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        over.set()
        server.pull_trigger()  # wakes the loop
        thread.join()
        server.task_dispatcher.shutdown()
        close_all(sockets)


def _cut_off(channels: Mapping[int, Any], since: dict[int, float], now: float) -> None:
    """Close who has been silent, or in the middle of a request, for too long.

    `since` remembers for each channel when it began to be one of these.
    """
    waiting = {
        number: since.get(number, now)
        for number, channel in channels.items()
        if not channel.requests
    }
    since.clear()
    since.update(waiting)
    for number, begun in waiting.items():
        if now - begun > SECONDS:
            channels[number].will_close = True


def _application(model: Classifier) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok")

    @app.post("/predict")
    def predict() -> Response:
        rows = _requested(request.get_data())
        try:
            return jsonify(probabilities=probabilities(model, rows).tolist())
        except ValueError as refusal:  # BadInput is one, and scikit-learn raises them
            abort(400, f"The model refuses these rows: {str(refusal).splitlines()[0]}")

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        code = error.code or 500
        return jsonify(error=SENTENCES.get(code, error.description)), code

    return app


def _requested(body: bytes) -> Floats:
    """The rows that a request holds, or an answer with status 400."""
    if body.count(b",") > CELLS:  # nothing else in JSON takes long to read
        abort(400, f"A request takes at most {CELLS:,} numbers.")
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        abort(400, "The body is not JSON.")
    rows = asked.get("rows") if isinstance(asked, dict) else None
    if not isinstance(rows, list):
        abort(400, 'The body is no object with a list of "rows".')
    if len(rows) > MOST_ROWS:
        abort(400, f"Got {len(rows):,} rows; a request takes at most {MOST_ROWS:,}.")
    try:
        table = np.array(rows)
    except ValueError:
        abort(400, "The rows are not of one width.")
    if table.dtype.kind not in "iuf":
        abort(400, "The rows hold something that is not a number.")
    return table


# ---------------------------------------------------------------- the client


def remote(url: str, *, timeout: Positive = 30.0) -> Transport:
    """The way to a prediction service on this machine, (n, d) to (n, k).

    Many rows are asked in several requests; the answers are the same, up to rounding
    where a model computes rows together.

    Parameters
    ----------
    url : str
    timeout : float
        Seconds to wait for a connection, and for each answer.

    Raises
    ------
    ServiceRefused
        The address is not this machine's loopback; or later, when asking, the service
        cannot be reached, is late, declines, or does not answer with probabilities.
    """
    post = posting(f"{url.rstrip('/')}/predict", timeout=timeout)

    def answered(X: Floats) -> Floats:
        rows = finite_rows(X)
        size = max(1, min(MOST_ROWS, CELLS // rows.shape[1]))
        told: list[object] = []
        for start in range(0, len(rows), size):
            told += _told(post, rows[start : start + size])
        try:
            return np.array(told, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ServiceRefused(f"{url} answered with no table of numbers") from error

    return answered


def require_loopback(url: str) -> None:
    """Refuse an address that is not this machine's loopback: ServiceRefused."""
    try:
        address = httpx.URL(url)
        named = address.scheme == "http" and address.host in LOOPBACK
        found = socket.getaddrinfo(address.host, None) if named else []
    except (httpx.InvalidURL, OSError) as error:
        raise ServiceRefused(f"got the address {url!r}: {error}") from error
    if not found or not all(ip_address(entry[4][0]).is_loopback for entry in found):
        raise ServiceRefused(
            f"got the address {url!r}; only a service on this machine may be asked: "
            "http://127.0.0.1:<port>"
        )


def posting(
    url: str,
    *,
    timeout: Positive,
    headers: Mapping[str, str] | None = None,
    elsewhere: bool = False,
) -> Callable[[Any], Any]:
    """The way to an address that takes JSON by POST and answers with JSON.

    Parameters
    ----------
    url : str
        On this machine, unless `elsewhere`.
    timeout : float
        Seconds to wait for a connection, and for each answer.
    headers : mapping of str to str, optional
        Sent with each request, such as a key.
    elsewhere : bool
        Whether another machine may be asked: one that you may ask.

    Raises
    ------
    ServiceRefused
        The address is another machine's and `elsewhere` is not said; or later, when
        asking, the service cannot be reached, is late, declines, or answers otherwise.
        Nothing is asked twice, and no other address is followed.
    """
    if not elsewhere:
        require_loopback(url)
    client = httpx.Client(
        timeout=timeout,
        headers=dict(headers or {}),
        trust_env=elsewhere,  # no proxy between us and the loopback
        follow_redirects=False,
        limits=httpx.Limits(max_keepalive_connections=0),  # leaves no socket open
    )

    def posted(asked: Any) -> Any:
        try:
            reply = client.post(url, json=asked)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceRefused(
                f"{url} cannot be asked ({type(error).__name__}: {error}); is the "
                "service running?"
            ) from error
        if reply.status_code != httpx.codes.OK:
            raise ServiceRefused(
                f"{url} answered with status {reply.status_code}: {reply.text[:200]}"
            )
        try:
            return reply.json()
        except (ValueError, RecursionError) as error:
            raise ServiceRefused(f"{url} did not answer with JSON") from error

    return posted


def _told(post: Callable[[Any], Any], rows: Floats) -> list[object]:
    """What the service says to one request: a list with an entry for each row."""
    said = post({"rows": rows.tolist()})
    if not isinstance(said, dict) or "probabilities" not in said:
        raise ServiceRefused(
            'the service did not answer with JSON that holds "probabilities"'
        )
    told = said["probabilities"]
    if not isinstance(told, list) or len(told) != len(rows):
        raise ServiceRefused(f"the service did not answer each of {len(rows)} rows")
    return told
