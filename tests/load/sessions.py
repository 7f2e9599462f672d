"""Sessions that are opened and closed, and the memory that is left: `python -m tests.load.sessions [--sessions N]`."""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from tests.load.serving import megabytes, serving
from tests.load.session import Visitor

AT_ONCE = 5
KEPT_SECONDS = 2  # that the server keeps a session whose visitor has left


async def come_and_go(address, count, query, errors):
    """So many sessions, some at a time, each until its page has come to its end."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one():
        async with turns, Visitor(address, query=query) as visitor:
            answer = await visitor.open(120)
            errors.extend(answer.errors if answer.seconds else ["the page did not come to its end"])

    await asyncio.gather(*(one() for _ in range(count)))


def settled(process):
    """Memory in MB once the server has let go of those who left."""
    time.sleep(2 * KEPT_SECONDS + 1)
    return megabytes(process)


def main(arguments=None):
    """Serve, come and go, report; gives memory before and after in MB, and the errors."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--warming", type=int, default=20, help="sessions before the first look")
    parser.add_argument("--model", default="newsgroups-ngram")
    options = parser.parse_args(arguments)
    errors, query = [], f"model={options.model}"
    keeping = [f"--server.disconnectedSessionTTL={KEPT_SECONDS}"]
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "home", arguments=keeping) as (address, process, _),
    ):
        asyncio.run(come_and_go(address, options.warming, query, errors))
        before = settled(process)
        asyncio.run(come_and_go(address, options.sessions, query, errors))
        after = settled(process)
    print(f"{options.sessions} sessions: {before:.0f} MB before, {after:.0f} MB after ({after / before - 1:+.1%})")
    print(f"errors: {len(errors)} {sorted(set(errors))[:3]}", flush=True)
    return before, after, errors


if __name__ == "__main__":
    main()
