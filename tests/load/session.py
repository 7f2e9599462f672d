"""A visitor without a browser: Streamlit's own messages over a websocket to a real server."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

FINISHED = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_SUCCESSFULLY")
TRACEBACK = ("Traceback (most recent call last)", "This app has encountered an error")


@dataclass
class Answer:
    """What came after something that was sent.

    Attributes:
        first: seconds until the first highlighted words of the text; None when none came.
        seconds: until the run of the page ended; None when it did not.
        errors: what a user would take for a fault.
    """

    first: float | None = None
    seconds: float | None = None
    errors: list[str] = field(default_factory=list)


class Visitor:
    """One session of the app. Use as `async with Visitor(address) as visitor`.

    Args:
        address: of the server, such as http://127.0.0.1:8501.
        page: name of the page, such as "train"; "" for the first.
        query: what stands behind the question mark.
    """

    def __init__(self, address, page="", query=""):
        self.url = address.replace("http", "ws", 1) + "/_stcore/stream"
        self.page, self.query = page, query
        self.widgets, self.texts, self.session = {}, [], None
        self.messages = []  # of the last run

    async def __aenter__(self):
        self.socket = await connect(self.url, subprotocols=["streamlit"], max_size=None, compression=None)
        return self

    async def __aexit__(self, *_):
        with suppress(ConnectionClosed, OSError):
            await self.socket.close()

    def cut(self):
        """End the connection as a network does that is gone."""
        self.socket.transport.abort()

    async def come_back(self, seconds=60):
        """Connect again, and ask for the session that there was, as a browser does."""
        known = ["streamlit", "PLACEHOLDER", self.session]
        self.socket = await connect(self.url, subprotocols=known, max_size=None, compression=None)
        return await self._run({}, seconds)

    def sees(self, text):
        """Whether the text stands in what the page has shown in its last run."""
        return any(text.encode() in message for message in self.messages)

    async def open(self, seconds=60):
        """See the page for the first time."""
        return await self._run({}, seconds)

    async def explain(self, text, seconds=60):
        """Type a text and click on Explain."""
        states = {self.widget("text_area"): ("string_value", text)}
        states[self.widget("button", "Explain")] = ("trigger_value", True)
        return await self._run(states, seconds, text)

    async def click(self, label, seconds=60):
        """Click on a button."""
        return await self._run({self.widget("button", label): ("trigger_value", True)}, seconds)

    async def upload_address(self, file_name):
        """Where the server takes a file of this visitor: the path of the address."""
        message = BackMsg()
        request = message.file_urls_request
        request.request_id, request.session_id = "upload", self.session
        request.file_names.append(file_name)
        await self.socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self.socket.recv())
            if answer.WhichOneof("type") == "file_urls_response":
                return answer.file_urls_response.file_urls[0].upload_url

    def widget(self, kind, label=None):
        """The id of the widget of that kind, and label."""
        return next(id for id, found in self.widgets.items() if found[0] == kind and label in (None, found[1]))

    async def _run(self, states, seconds, text=None):
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        for id, (kind, value) in states.items():
            state = message.rerun_script.widget_states.widgets.add(id=id)
            setattr(state, kind, value)
        started, answer = time.monotonic(), Answer()
        await self.socket.send(message.SerializeToString())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._listen(answer, started, text)
        return answer

    async def _listen(self, answer, started, text):
        beginning = text and text.split()[0]
        has_begun, self.messages = False, []
        while True:
            received = await self.socket.recv()
            self.messages.append(received)
            message = ForwardMsg.FromString(received)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                has_begun, self.session = True, message.new_session.initialize.session_id
            if kind == "delta" and message.delta.HasField("new_element"):
                self._note(message.delta.new_element, answer)
                shown = _marked(message.delta.new_element)
                if has_begun and answer.first is None and beginning and f">{beginning}" in shown + ">":
                    answer.first = time.monotonic() - started
            if kind == "script_finished" and has_begun and message.script_finished == FINISHED:
                answer.seconds = time.monotonic() - started
                return

    def _note(self, element, answer):
        kind = element.WhichOneof("type")
        inside = getattr(element, kind)
        if hasattr(inside, "id") and inside.id:
            self.widgets[inside.id] = (kind, getattr(inside, "label", ""))
        if kind == "exception":
            answer.errors.append(f"{inside.type}: {inside.message}")
        if kind in ("alert", "markdown"):
            self.texts.append(inside.body)
            answer.errors += [inside.body for sign in TRACEBACK if sign in inside.body]


def _marked(element):
    # The text with its marks, if that is what an element shows.
    if element.WhichOneof("type") != "html" or "<mark" not in element.html.body:
        return ""
    return element.html.body
