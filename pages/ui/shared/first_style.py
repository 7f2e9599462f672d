"""The style of the app in the document that a browser gets first.

Streamlit brings the style that a page asks for after the page's first elements, and has its empty container narrow
until the page says that it is wide: what is on the screen by then would move.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pages.ui.shared.entry import UI

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Served = Callable[[Message, Receive, Send], Awaitable[None]]
UNWANTED = (b"accept-encoding", b"if-none-match", b"if-modified-since")
"""What a browser asks by for a document that is packed, or only if it is another one than it has."""


class FirstStyle:
    """What puts the style into every HTML document that an app serves.

    Args:
        app: the ASGI application that serves them.
    """

    def __init__(self, app: Served) -> None:
        self._app = app
        self._style = b"<style>" + (UI / "style.css").read_bytes() + b"</style></head>"

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not _wants_document(scope):
            return await self._app(scope, receive, send)
        asked = [(name, value) for name, value in scope["headers"] if name not in UNWANTED]
        return await self._app({**scope, "headers": asked}, receive, self._styled(send))

    def _styled(self, send: Send) -> Send:
        # The head of a response is held back until its body is known, which is longer than was said.
        begun: list[Message] = []
        body = bytearray()

        async def send_styled(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_html(message["headers"]):
                begun.append(message)
            elif not begun or message["type"] != "http.response.body":
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    whole = bytes(body).replace(b"</head>", self._style, 1)
                    await send(_with_length(begun[0], len(whole)))
                    await send({"type": "http.response.body", "body": whole})

        return send_styled


def _wants_document(scope: Message) -> bool:
    asked = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] == "GET" and b"text/html" in asked


def _is_html(headers: Any) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def _with_length(begun: Message, length: int) -> Message:
    left_out = (b"content-length", b"etag", b"last-modified")  # they are of the document without the style
    kept = [(name, value) for name, value in begun["headers"] if name.lower() not in left_out]
    return {**begun, "headers": [*kept, (b"content-length", str(length).encode())]}
