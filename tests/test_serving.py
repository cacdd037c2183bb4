import json
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import numpy as np
import psutil
import pytest

from foible import data, models, serving
from foible.errors import BadInput, ServiceRefused
from foible.oracle import Oracle
from foible.victim import Victim


@pytest.fixture(scope="module")
def rows():
    return data.digits().split(0.5, seed=0)


@pytest.fixture(scope="module")
def victims(rows):
    recipes = {
        "forest": models.forest(trees=5),
        "network": models.network(hidden=8, steps=30),
    }
    return {
        name: Victim.trained(recipe, rows[0], seed=0)
        for name, recipe in recipes.items()
    }


@pytest.fixture(scope="module")
def url(victims):
    with serving.serve(victims["forest"].model) as url:
        yield url


@pytest.fixture(scope="module")
def client():
    with httpx.Client(trust_env=False) as client:
        yield client


@contextmanager
def answering(status, body, headers=()):
    """A service that gives one fixed answer to everything, and hears what was asked."""
    heard = []

    class Fixed(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            heard.append(self.path)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Fixed) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()
        thread.join()


def listening():
    found = psutil.Process().net_connections(kind="tcp")
    return {entry.laddr.port for entry in found if entry.status == "LISTEN"}


# ---------------------------------------------------------------- the service


@pytest.mark.parametrize("name", ["forest", "network"])
def test_answers_over_http_are_exactly_those_in_process(rows, victims, name):
    with serving.serve(victims[name].model) as url:
        answers = serving.remote(url)(rows[1].X)

    np.testing.assert_array_equal(answers, victims[name].transport(rows[1].X))


def test_awkward_numbers_survive_the_journey():
    class Echo:
        classes_ = np.arange(2)

        predict = None

        def predict_proba(self, X):
            return X

    numbers = np.array([[0.1, 1 / 3], [5e-324, 1.7976931348623157e308], [-0.0, 1.0]])

    with serving.serve(Echo()) as url:
        answers = serving.remote(url)(numbers)

    np.testing.assert_array_equal(answers, numbers)


def test_a_tampered_model_answers_by_its_own_names(rows, victims):
    tampered = victims["forest"].retrained(rows[0])
    tampered.model.classes_ = np.full(10, 4)

    with serving.serve(tampered.model) as url:
        labels = Oracle(serving.remote(url), answers="label").ask(rows[1].X)

    np.testing.assert_array_equal(labels, tampered.model.predict(rows[1].X))


def test_the_service_says_that_it_is_well(client, url):
    reply = client.get(f"{url}/health")

    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


def test_a_plain_request_is_answered(client, url, rows, victims):
    reply = client.post(f"{url}/predict", json={"rows": rows[1].X[:2].tolist()})

    assert reply.status_code == 200
    assert reply.json() == {
        "probabilities": victims["forest"].transport(rows[1].X[:2]).tolist()
    }


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"rows": [[' + b"1" * 5000 + b"]]}", "not JSON"),
        (b"[[1, 2]]", "no object"),
        (b'{"row": [[1, 2]]}', "no object"),
        (b'{"rows": "all"}', "no object"),
        (b'{"rows": []}', "refuses"),
        (b'{"rows": [[]]}', "refuses"),
        (b'{"rows": [1, 2]}', "refuses"),
        (b'{"rows": [[1, 2]]}', "rows 2 wide; wanted 64"),
        (json.dumps({"rows": [[float("nan")] * 64]}).encode(), "NaN or infinity"),
        (json.dumps({"rows": [[float("inf")] * 64]}).encode(), "NaN or infinity"),
        (b'{"rows": [[1], [1, 2]]}', "one width"),
        (b'{"rows": [["1", "2"]]}', "not a number"),
        (b'{"rows": [[null]]}', "not a number"),
        (b'{"rows": [[true]]}', "not a number"),
        (b'{"rows": [{"a": 1}]}', "not a number"),
        (b'{"rows": [[1' + b"0" * 40 + b"]]}", "not a number"),
        (b'{"rows": [' + b"[0]," * 10_000 + b"[0]]}", "at most 10,000"),
        (b'{"rows": [[' + b"0," * 1_000_001 + b"0]]}", "at most 1,000,000 numbers"),
        (b'{"rows": [[' + b"[]," * 1_000_001 + b"0]]}", "at most 1,000,000 numbers"),
    ],
)
def test_what_cannot_be_used_is_told_so_in_a_sentence(client, url, body, sentence):
    reply = client.post(f"{url}/predict", content=body)

    assert reply.status_code == 400
    assert list(reply.json()) == ["error"]
    assert sentence in reply.json()["error"]
    assert "\n" not in reply.json()["error"]


def test_a_network_refuses_the_wrong_width_too(client, victims):
    with serving.serve(victims["network"].model) as url:
        reply = client.post(f"{url}/predict", json={"rows": [[1, 2]]})

    assert reply.status_code == 400
    assert "2 wide; wanted 64" in reply.json()["error"]


def test_a_body_that_is_too_large_is_refused(client, url):
    body = b" " * (serving.MOST_BYTES + 1)

    reply = client.post(f"{url}/predict", content=body)

    assert reply.status_code == 413
    assert reply.json() == {"error": "A request takes at most 32 MiB."}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/train", 404),
        ("GET", "/static/app.py", 404),
        ("GET", "/predict", 405),
        ("POST", "/health", 405),
    ],
)
def test_other_paths_and_methods_are_not_there(client, url, method, path, status):
    reply = client.request(method, url + path)

    assert reply.status_code == status
    assert list(reply.json()) == ["error"]


def test_a_model_that_breaks_shows_no_traceback(client):
    class Broken:
        classes_ = np.arange(2)

        predict = None

        def predict_proba(self, X):
            raise ZeroDivisionError("secret")

    with serving.serve(Broken()) as url:
        reply = client.post(f"{url}/predict", json={"rows": [[1]]})

    assert reply.status_code == 500
    assert reply.json() == {"error": "The model failed."}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "0.0.0.0"])
def test_a_request_by_another_name_is_not_answered(client, url, host):
    reply = client.get(f"{url}/health", headers={"Host": host})

    assert reply.status_code == 400
    assert list(reply.json()) == ["error"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:80"])
def test_a_request_by_this_machines_names_is_answered(client, url, host):
    assert client.get(f"{url}/health", headers={"Host": host}).status_code == 200


def half_sent(url, count, stack):
    """Clients who send the beginning of a request and wait."""
    port = httpx.URL(url).port
    for _ in range(count):
        one = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        one.sendall(b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        yield one


def test_a_hundred_requests_half_sent_stop_nobody(client, victims):
    with serving.serve(victims["forest"].model) as url, ExitStack() as stack:
        list(half_sent(url, 120, stack))

        assert client.get(f"{url}/health", timeout=5).status_code == 200


def test_who_never_ends_a_request_is_cut_off(client, victims, monkeypatch):
    monkeypatch.setattr(serving, "SECONDS", 1.0)
    with serving.serve(victims["forest"].model) as url, ExitStack() as stack:
        (one,) = half_sent(url, 1, stack)
        one.settimeout(0.2)

        for _ in range(50):  # a byte at a time keeps nobody alive
            with suppress(TimeoutError):
                one.sendall(b"x")
                if not one.recv(1):
                    break
        else:
            pytest.fail("the service still waits")
        assert client.get(f"{url}/health").status_code == 200


def test_requests_that_queue_are_no_news(victims, capfd, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as in a chapter

    class Slow:
        classes_ = np.arange(2)

        predict = None

        def predict_proba(self, X):
            threading.Event().wait(0.1)
            return np.ones((len(X), 2)) / 2

    with serving.serve(Slow()) as url, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: serving.remote(url)(np.ones((1, 2))), range(16)))

    assert capfd.readouterr() == ("", "")


def test_only_this_machine_can_reach_the_service(url):
    port = httpx.URL(url).port
    found = psutil.Process().net_connections(kind="tcp")

    hosts = {
        entry.laddr.ip
        for entry in found
        if entry.laddr.port == port and entry.status == "LISTEN"
    }

    assert hosts == {"127.0.0.1"}


def test_closing_leaves_no_thread_and_no_socket(client, rows, victims):
    threads, ports = set(threading.enumerate()), listening()
    files = psutil.Process().num_fds()

    with serving.serve(victims["forest"].model) as url:
        with httpx.Client(trust_env=False) as lingering:
            lingering.get(f"{url}/health")
        serving.remote(url)(rows[1].X)
        assert set(threading.enumerate()) > threads
        assert listening() > ports

    assert set(threading.enumerate()) == threads
    assert listening() == ports
    assert psutil.Process().num_fds() == files


def test_a_client_that_lingers_does_not_keep_the_service_open(victims):
    threads = set(threading.enumerate())

    with httpx.Client(trust_env=False) as lingering:
        with serving.serve(victims["forest"].model) as url:
            lingering.get(f"{url}/health")

        assert set(threading.enumerate()) == threads
        with pytest.raises(httpx.TransportError):
            lingering.get(f"{url}/health")


def test_an_error_in_the_block_closes_the_service_too(victims):
    ports = listening()

    with (
        pytest.raises(KeyError, match="mine"),
        serving.serve(victims["forest"].model),
    ):
        raise KeyError("mine")

    assert listening() == ports


def test_several_services_answer_at_once(rows, victims):
    X = rows[1].X[:50]

    with (
        serving.serve(victims["forest"].model) as one,
        serving.serve(victims["network"].model) as other,
    ):
        answers = [serving.remote(one)(X), serving.remote(other)(X)]

    assert one != other
    np.testing.assert_array_equal(answers[0], victims["forest"].transport(X))
    np.testing.assert_array_equal(answers[1], victims["network"].transport(X))


# ---------------------------------------------------------------- the client


def test_many_rows_are_asked_in_several_requests(url, rows, victims, monkeypatch):
    monkeypatch.setattr(serving, "CELLS", 64 * 100)
    asked = []
    told = serving._told
    monkeypatch.setattr(
        serving, "_told", lambda post, X: asked.append(len(X)) or told(post, X)
    )

    answers = serving.remote(url)(rows[1].X[:250])

    assert asked == [100, 100, 50]
    np.testing.assert_array_equal(answers, victims["forest"].transport(rows[1].X[:250]))


def test_no_request_is_larger_than_the_service_takes():
    widest = max(len(json.dumps([v])) for v in (-1.7976931348623157e308, 1 / 3))

    assert serving.CELLS * (widest + 2) < serving.MOST_BYTES


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com",
        "http://192.0.2.1:80",
        "http://127.0.0.1@example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://0.0.0.0:80",
        "http://[2001:db8::1]:80",
        "https://127.0.0.1",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "127.0.0.1:80",
        "http://127.0.0.1:port",
        "",
    ],
)
def test_no_other_machine_is_asked(address):
    with pytest.raises(ServiceRefused, match="got the address"):
        serving.remote(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_asked_by_any_of_its_names(url, rows, host):
    address = url.replace("127.0.0.1", host)

    assert serving.remote(address)(rows[1].X[:1]).shape == (1, 10)


def test_the_loopback_of_ip_version_6_may_be_named():
    assert callable(serving.remote("http://[::1]:80"))


def test_a_localhost_that_is_elsewhere_is_not_asked(monkeypatch):
    elsewhere = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: [elsewhere])

    with pytest.raises(ServiceRefused, match="localhost"):
        serving.remote("http://localhost:80")


def test_a_localhost_that_is_nowhere_is_not_asked(monkeypatch):
    def unknown(*args):
        raise socket.gaierror("unknown name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(ServiceRefused, match="unknown name"):
        serving.remote("http://localhost:80")


def test_no_proxy_stands_between(url, rows, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert serving.remote(url)(rows[1].X[:1]).shape == (1, 10)


def test_a_service_that_is_gone_is_refused(rows, victims):
    with serving.serve(victims["forest"].model) as url:
        transport = serving.remote(url)

    with pytest.raises(ServiceRefused, match="is the service running"):
        transport(rows[1].X)


def test_a_service_that_is_late_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = serving.remote(
            f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.05
        )

        with pytest.raises(ServiceRefused, match="Timeout"):
            transport(np.ones((1, 2)))


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (404, b"nothing", "status 404: nothing"),
        (500, b"broken", "status 500"),
        (204, b"", "status 204"),
        (200, b"<html>", "did not answer with JSON"),
        (200, b"\xff", "did not answer with JSON"),
        (200, b"[]", "did not answer with JSON"),
        (200, b"{}", "did not answer with JSON"),
        (200, b'{"probabilities": 1}', "each of 2 rows"),
        (200, b'{"probabilities": [[1]]}', "each of 2 rows"),
        (200, b'{"probabilities": [[1], [0.5, 0.5]]}', "no table"),
        (200, b'{"probabilities": [["a"], ["b"]]}', "no table"),
    ],
)
def test_a_service_that_answers_otherwise_is_refused(status, body, message):
    with (
        answering(status, body) as (url, _),
        pytest.raises(ServiceRefused, match=message),
    ):
        serving.remote(url)(np.ones((2, 2)))


def test_a_service_that_sends_one_elsewhere_is_not_followed():
    with answering(200, b'{"probabilities": [[1.0]]}') as (there, heard):
        elsewhere = [("Location", f"{there}/predict")]
        with (
            answering(307, b"", elsewhere) as (url, _),
            pytest.raises(ServiceRefused, match="status 307"),
        ):
            serving.remote(url)(np.ones((1, 2)))

    assert heard == []


def test_rows_that_are_not_numbers_are_not_sent():
    with answering(200, b"{}") as (url, heard), pytest.raises(BadInput):
        serving.remote(url)(np.array([[np.nan]]))

    assert heard == []


def test_a_budget_is_kept_over_http(url, rows):
    oracle = Oracle(serving.remote(url), budget=60)

    oracle.ask(rows[1].X[:40])

    assert (oracle.asked, oracle.left) == (40, 20)
