"""Is a link that leads nowhere found, and is one that leads somewhere let be?"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lint import check_site

INDEX = """<!doctype html>
<a href="book/one.html#evidence">one</a> <a href="#here">here</a>
<p id="here"><a href="book/one.html?q=1">one</a> <a href="mailto:a@b.c">write</a></p>
<img src="figures/a%20square.svg"> <a href="/">home</a> <a href="#">top</a>
<link rel="canonical" href="nowhere.html">
"""
ONE = """<!doctype html>
<h2 id="evidence">Evidence</h2>
<a href="../index.html#here">back</a> <a name="old"></a>
"""


@pytest.fixture
def root(tmp_path):
    site = tmp_path / check_site.SITE
    for name, text in {
        "index.html": INDEX,
        "book/one.html": ONE,
        "figures/a square.svg": "<svg/>",
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")
    return tmp_path


def add(root, page, text):
    path = root / check_site.SITE / page
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_site_whose_links_all_lead_somewhere_is_sound(root, capsys):
    status = check_site.main(root)

    assert status == 0
    assert capsys.readouterr().out == "2 built pages, 8 links, 0 broken\n"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("two.html", "there is no such file"),
        ("../figures/circle.svg", "there is no such file"),
        ("one.html#idea", "that page has no such anchor"),
        ("#idea", "that page has no such anchor"),
        ("../index.html#evidence", "that page has no such anchor"),
    ],
)
def test_a_planted_broken_link_is_one_line(root, capsys, target, reason):
    add(root, "book/one.html", f'<a href="{target}">x</a>\n')

    status = check_site.main(root)

    first, last = capsys.readouterr().out.splitlines()
    assert status == 1
    assert first.startswith(
        f"_build/html/book/one.html:4: the link to '{target}': {reason}; mend"
    )
    assert last == "2 built pages, 9 links, 1 broken"


def test_an_anchor_may_be_a_name_and_may_be_quoted(root, capsys):
    add(root, "index.html", '<a href="book/one.html#%6fld">x</a>')

    assert check_site.main(root) == 0


def test_without_a_site_there_is_nothing_to_check(tmp_path, capsys):
    status = check_site.main(tmp_path)

    assert status == 0
    assert "run 'make book' first" in capsys.readouterr().out


# ---------------------------------------------------------------- elsewhere


class Answering(BaseHTTPRequestHandler):
    """Answers /404 with 404, and so on; /moved with a way to /200."""

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        code = 302 if self.path == "/moved" else int(self.path[1:])
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def elsewhere():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_only_a_page_that_is_gone_makes_the_check_fail(book, capsys, elsewhere):
    page = book / "book/index.md"
    before = page.read_text()
    found = []
    for paths in (("200", "moved", "403"), ("200", "404")):
        page.write_text(before + "".join(f"\n[x]({elsewhere}/{p})\n" for p in paths))
        check_site.ask(book)
        found.append(check_site.elsewhere(book))

    refused, three, gone, two = capsys.readouterr().out.splitlines()
    assert found == [0, 1]
    assert f"index.md:9: {elsewhere}/403 is not known: 403 Client Error" in refused
    assert three == "3 addresses elsewhere, 0 of them gone"
    assert f"index.md:7: {elsewhere}/404 is gone: 404 Client Error" in gone
    assert two == "2 addresses elsewhere, 1 of them gone"


@pytest.mark.slow
def test_a_server_that_is_not_there_is_gone(book, capsys):
    page = book / "book/index.md"
    page.write_text(f"{page.read_text()}\n[x](http://127.0.0.1:1/)\n")

    check_site.ask(book)

    assert check_site.elsewhere(book) == 1
    assert "http://127.0.0.1:1/ is gone: " in capsys.readouterr().out


def test_a_build_that_fails_is_no_check(tmp_path, capsys):
    assert check_site.elsewhere(tmp_path) == 1
    assert "no address was asked for" in capsys.readouterr().out
