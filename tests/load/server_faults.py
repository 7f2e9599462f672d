"""Faults of a server and of those who look at it; `python -m tests.load.faults` makes them with the others."""

import asyncio
import http.client
import itertools
import shutil
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack

import psutil

from core import folders
from tests.load.fault import fault, save, whole
from tests.load.replicas import proxied, replica, until_served
from tests.load.serving import megabytes, serving
from tests.load.session import Visitor
from tests.served import ROOT, free_port

LARGE = 20_000_000  # bytes of a table on its way
NUMBERS = itertools.count()


@fault
def websocket_cut(times, chance):
    """Visitors whose connection ends while their page is made; the next one is served."""
    with serving(folders.home()) as (address, process, log):
        asyncio.run(_cut(address, times, chance))
        answer = asyncio.run(_explained(address))
        if answer.seconds is None or answer.first is None or answer.errors:
            yield f"the next visitor got {answer}"
        if not process.is_running():
            yield "the server has ended"
        yield from faults_in(log)


async def _cut(address, times, chance):
    for _ in range(times):
        visitor = Visitor(address, query="model=newsgroups-bow")
        await visitor.__aenter__()
        await visitor.open(chance.uniform(0.01, 1.5))
        visitor.cut()


@fault
def websocket_cut_for_ten_seconds(times, chance):
    """Visitors whose connection is gone for ten seconds: what they had asked about is there when they come back."""
    with serving(folders.home()) as (address, _, log):
        asyncio.run(_explained(address))
        for name in asyncio.run(_come_back(address, times)):
            yield f"{name} found another page than was left"
        yield from faults_in(log)


async def _come_back(address, times):
    async def one(number):
        async with Visitor(address, query="model=newsgroups-bow") as visitor:
            await visitor.open(120)
            text = f"Visitor {number} asks about hockey and cars {next(NUMBERS)}"
            await visitor.explain(text, 120)
            visitor.cut()
            await asyncio.sleep(10)
            answer = await visitor.come_back(120)
            return None if visitor.sees(text) and answer.seconds and not answer.errors else f"visitor {number}"

    return [name for name in await asyncio.gather(*map(one, range(times))) if name]


@fault
def replica_killed(times, chance):
    """Two servers behind nginx, of which one is killed again and again: visitors are answered all the time."""
    home, folder = folders.home(), folders.home().parent
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        running = [stack.enter_context(replica(home, port)) for port in ports]
        root = stack.enter_context(proxied(folder, ports))
        until_served(f"{root}/whyword/_stcore/health")
        for number in range(times):
            time.sleep(chance.uniform(0, 1))
            running[number % 2][1].kill()
            answer = asyncio.run(_explained(f"{root}/whyword"))
            if answer.first is None or answer.errors:
                yield f"with one replica, a visitor got {answer}"
            running[number % 2] = stack.enter_context(replica(home, ports[number % 2]))


async def _explained(address):
    async with Visitor(address, query="model=newsgroups-bow") as visitor:
        await visitor.open(120)
        # With a number that nobody has asked about: what was explained before has no first picture.
        return await visitor.explain(f"Hockey is a game of goals and cars {next(NUMBERS)}", 60)


def faults_in(log):
    """Sentences on tracebacks of this program in a server's log; a browser that has left is told there too."""
    for part in log.read_text(errors="replace").split("Traceback (most recent call last)")[1:]:
        if f'File "{ROOT}' in part:
            yield f"there is a traceback in the log: {part[-700:]}"


@fault
def upload_cut(times, chance):
    """Browsers that are closed while they send a table: nothing of it is kept, and the server serves."""
    with serving(folders.home()) as (address, process, log):
        asyncio.run(_send_halves(address, 1, chance))  # the page and its data set are in memory from now on
        asyncio.run(_explained(address))
        before = megabytes(process)
        asyncio.run(_send_halves(address, times, chance))
        answer = asyncio.run(_explained(address))
        if answer.first is None or answer.errors:
            yield f"the next visitor got {answer}"
        if megabytes(process) > before + LARGE / 1e6 * 3:
            yield f"the server grew from {before:.0f} to {megabytes(process):.0f} MB"
        yield from faults_in(log)
    yield from (f"{path.name} is left" for path in folders.datasets_folder().glob("*/"))


async def _send_halves(address, times, chance):
    for _ in range(times):
        async with Visitor(address, "data") as visitor:
            await visitor.open()
            _send_some(address, await visitor.upload_address("table.csv"), chance.randint(0, LARGE))


def _send_some(address, path, size):
    # As a browser does, with the token against forged requests; then the connection is gone.
    with urllib.request.urlopen(f"{address}/_stcore/health") as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    place = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port)
    connection.putrequest("PUT", path)
    length = {"Content-Type": "multipart/form-data; boundary=end", "Content-Length": str(LARGE + 500)}
    for name, value in (length | {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}).items():
        connection.putheader(name, value)
    connection.endheaders()
    head = b'--end\r\nContent-Disposition: form-data; name="file"; filename="table.csv"\r\n\r\ntext,label\n'
    connection.send(head + b"rain,a\n" * (size // 7))
    connection.close()


@fault
def home_gone(times, chance):
    """The folder for models that vanishes while people look, and comes back."""
    save("one")
    home, aside = folders.home(), folders.home().with_name("aside")
    with serving(home) as (address, _, log):
        for _ in range(times):
            asyncio.run(_leave_soon(address, chance))
            home.rename(aside)
            answer = asyncio.run(_explained(address))
            if answer.first is None or answer.errors:
                yield f"without it, a visitor got {answer}"
            shutil.rmtree(home, ignore_errors=True)
            aside.rename(home)
            yield from whole({"one"})
        yield from faults_in(log)


@fault
def server_killed(times, chance):
    """Kill -9 of the server while somebody looks; started again, it serves what was saved."""
    save("one")
    for _ in range(times):
        with serving(folders.home()) as (address, process, _):
            asyncio.run(_leave_soon(address, chance))
            children = process.children(recursive=True)
            process.kill()
            psutil.wait_procs([process, *children], timeout=10)
        yield from whole({"one"})
    with serving(folders.home()) as (address, _, _):
        answer = asyncio.run(_explained(address))
        if answer.first is None or answer.errors:
            yield f"after it, a visitor got {answer}"


async def _leave_soon(address, chance):
    async with Visitor(address, query="model=one") as visitor:
        await visitor.open(chance.uniform(0.1, 3))
