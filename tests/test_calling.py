"""Services of other people's, behind a function or an address."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import numpy as np
import pytest
import torch

from foible import calling
from foible.calling import called, templated
from foible.errors import BadInput, BudgetExceeded, ServiceRefused
from foible.oracle import Oracle

ROWS = np.array([[0.2, 3.0], [0.9, 4.0], [0.5, 5.0]])


@contextmanager
def service(answer):
    """A service on the loopback; yields its address and what it was sent."""
    heard = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((json.loads(asked), self.headers.get("X-Key")))
            status, said = answer(json.loads(asked))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(
                said if isinstance(said, bytes) else json.dumps(said).encode()
            )

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_many_rows_go_into_a_template_and_their_answers_come_out_of_another():
    def answer(asked):
        return 200, {
            "out": [{"scores": [[1 - a, a] for a, _ in asked["in"][0]["data"]]}]
        }

    with service(answer) as (url, heard):
        way = templated(
            url,
            {"in": [{"name": "x", "data": "{rows}"}]},
            answer=("out", 0, "scores"),
            most=2,
            headers={"X-Key": "k"},
        )
        oracle = Oracle(way, budget=4)
        told = oracle.ask(ROWS)

        np.testing.assert_allclose(told[:, 1], ROWS[:, 0])
        assert [len(asked["in"][0]["data"]) for asked, _ in heard] == [2, 1]
        assert {key for _, key in heard} == {"k"}
        with pytest.raises(BudgetExceeded):
            oracle.ask(ROWS)
        assert len(heard) == 2


def test_a_row_may_be_a_request_and_its_answer_a_label():
    def answer(asked):
        return 200, {"label": int(asked["age"] > 3.5), "echo": asked["all"]}

    with service(answer) as (url, heard):
        way = templated(url, {"age": "{1}", "all": "{row}"}, answer=("label",))
        told = Oracle(way, answers="label").ask(ROWS)

    assert told.tolist() == [0, 1, 1]
    assert [asked["all"] for asked, _ in heard] == ROWS.tolist()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda asked: (429, b"slow down"), "status 429: slow down"),
        (lambda asked: (200, b"<html>"), "did not answer with JSON"),
        (lambda asked: (200, {"error": 1}), "without 'label' .* wanted it at answer="),
        (
            lambda asked: (200, {"label": [0, 1]}),
            r"shape \(2,\); wanted an answer to each",
        ),
        (lambda asked: (302, b""), "status 302"),
    ],
)
def test_what_a_service_answers_otherwise_is_one_clear_line(answer, said):
    with service(answer) as (url, heard), pytest.raises(ServiceRefused, match=said):
        Oracle(templated(url, {"x": "{rows}"}, answer=("label",))).ask(ROWS)

    assert len(heard) == 1  # nothing is asked twice


def test_another_machine_is_asked_only_where_that_is_said():
    with pytest.raises(ServiceRefused, match="only a service on this machine"):
        templated("http://192.0.2.1/v1", "{rows}")

    assert callable(templated("http://192.0.2.1/v1", "{rows}", elsewhere=True))


def test_a_service_that_is_not_there_and_a_template_without_a_place_are_refused():
    with service(lambda asked: (200, [])) as (url, _):
        pass

    with pytest.raises(ServiceRefused, match=r"cannot be asked .* running\?"):
        templated(url, "{rows}")(ROWS)
    with pytest.raises(BadInput, match=r"got template=.* wanted a place"):
        templated(url, {"x": "rows"})
    with pytest.raises(ServiceRefused, match=r"got '\{2\}' .* rows 2 wide"):
        templated(url, {"x": "{2}"})(ROWS)


def test_any_function_is_a_way():
    sizes = []

    def function(X):
        sizes.append(len(X))
        return torch.tensor(X > 0.4)[:, 0].long()

    told = Oracle(called(function, most=2), answers="label").ask(ROWS)

    assert told.tolist() == [0, 1, 1]
    assert sizes == [2, 1]
    with pytest.raises(ServiceRefused, match=r"failed on 3 rows \(ZeroDivisionError"):
        called(lambda X: 1 / 0)(ROWS)
    with pytest.raises(ServiceRefused, match=r"shape \(1,\); wanted an answer to each"):
        called(lambda X: [1])(ROWS)


def test_the_rate_is_kept(monkeypatch):
    clock, asked = [100.0], []

    def sleep(seconds):
        clock[0] += seconds

    monkeypatch.setattr(calling, "sleep", sleep)
    monkeypatch.setattr(calling, "monotonic", lambda: clock[0])
    way = called(lambda X: asked.append(clock[0]) or X, most=1, rate=4)

    way(ROWS)
    way(ROWS)

    assert np.diff(asked).tolist() == [0.25] * 5
