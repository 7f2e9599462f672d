"""The document that a browser gets first: it has the style of the app, so that nothing moves while a page is loaded."""

import asyncio

import pytest

from pages.ui.shared.entry import UI
from pages.ui.shared.first_style import FirstStyle

DOCUMENT = b"<!DOCTYPE html><html><head><title>Streamlit</title></head><body></body></html>"
STYLE = (UI / "style.css").read_bytes()


def answered(body, kind, method="GET", accept=b"text/html,*/*"):
    """The headers that an app is asked with, those of its answer, and the body, through `FirstStyle`."""
    asked, sent = [], []

    async def app(scope, receive, send):
        asked.append(dict(scope["headers"]))
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"etag", b'"1"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:30], "more_body": True})
        await send({"type": "http.response.body", "body": body[30:]})

    async def send(message):
        sent.append(message)

    headers = [(b"accept", accept), (b"accept-encoding", b"gzip"), (b"if-none-match", b'"1"')]
    asyncio.run(FirstStyle(app)({"type": "http", "method": method, "headers": headers}, None, send))
    start, *parts = sent
    return asked[0], dict(start["headers"]), b"".join(part["body"] for part in parts)


def test_a_document_has_the_style_before_anything_is_drawn():
    asked, headers, body = answered(DOCUMENT, b"text/html; charset=utf-8")
    head = body[: body.index(b"</head>")]
    assert head.endswith(b"<style>" + STYLE + b"</style>") and head.startswith(DOCUMENT[:30])
    assert body.endswith(b"</head><body></body></html>")
    assert headers == {b"content-type": b"text/html; charset=utf-8", b"content-length": str(len(body)).encode()}
    assert set(asked) == {b"accept"}  # an answer that is packed, or none, could not be written into


@pytest.mark.parametrize(
    "request_of",
    [
        {"body": DOCUMENT, "kind": b"text/javascript"},
        {"body": DOCUMENT, "kind": b"text/html", "method": "HEAD"},
        {"body": DOCUMENT, "kind": b"text/html", "accept": b"application/json"},
    ],
)
def test_everything_else_is_served_as_it_is(request_of):
    _, headers, body = answered(**request_of)
    assert body == DOCUMENT and headers[b"content-length"] == str(len(DOCUMENT)).encode() and headers[b"etag"] == b'"1"'


def test_what_is_no_request_for_a_page_goes_through():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(FirstStyle(app)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
