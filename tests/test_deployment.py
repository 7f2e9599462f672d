"""What is in .deploy: the container's file, and two replicas behind nginx of which one is killed."""

import asyncio
import re
import shlex

import pytest

from tests.load.replicas import DEPLOY, asked, proxied, replica, until_served
from tests.load.session import Visitor
from tests.served import ROOT


def lines():
    """The instructions of the container's file, each on one line."""
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_container_is_not_root_and_has_no_build_tools_and_a_health_check():
    found = dict(lines())
    assert [what for what, _ in lines()].index("USER") < [what for what, _ in lines()].index("CMD")
    assert found["USER"] == "whyword" and "/_stcore/health" in found["HEALTHCHECK"]
    assert "WHYWORD_DEMO=1" in found["ENV"]
    told = " ".join(rest for _, rest in lines())
    assert not re.search(r"\b(apt|apt-get|gcc|build-essential|git)\b", told)


def test_what_the_container_copies_is_there_and_dependencies_are_a_layer_of_their_own():
    copies = [rest.split()[:-1] for what, rest in lines() if what == "COPY"]
    assert copies[0] == ["requirements.txt"]
    assert all((ROOT / source).exists() for sources in copies for source in sources)
    assert {"app.py", "core", "pages", ".streamlit"} <= {source for sources in copies for source in sources}
    first, second, *_ = (place for place, (what, _) in enumerate(lines()) if what == "COPY")
    installs = next(place for place, (_, rest) in enumerate(lines()) if rest.startswith("pip install"))
    assert first < installs < second


async def explained(address, model):
    async with Visitor(address, query=f"model={model}") as visitor:
        await visitor.open(120)
        return await visitor.explain("Hockey was played with cars and wheels", 120)


@pytest.fixture
def servers(tmp_path):
    """Two servers on one home at the path /whyword, by their ports."""
    with replica(tmp_path / "home") as (first, one), replica(tmp_path / "home") as (second, other):
        yield {first: one, second: other}


def test_two_replicas_serve_behind_nginx_and_one_that_is_killed_is_not_missed(servers, tmp_path):
    with proxied(tmp_path, [*servers]) as root:
        address = f"{root}/whyword"
        until_served(f"{address}/_stcore/health")
        status, headers = asked(f"{root}/whyword")
        assert (status, headers["Location"].endswith("/whyword/")) == (301, True)
        status, headers = asked(f"{address}/")
        assert status == 200 and headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        first = asyncio.run(explained(address, "newsgroups-bow"))
        assert first.first is not None and first.errors == []
        used = max(servers, key=lambda port: sum(servers[port].cpu_times()[:2]))
        servers[used].kill()
        until_served(f"{address}/_stcore/health")
        second = asyncio.run(explained(address, "newsgroups-bow"))
        assert second.first is not None and second.errors == []


def test_the_words_of_the_recipe_are_commands_that_there_are():
    text = (DEPLOY / "README.md").read_text()
    commands = [line for block in re.findall(r"```\n(.*?)```", text, re.S) for line in block.splitlines()]
    assert any("podman build -f .deploy/Containerfile" in command for command in commands)
    files = [part for line in commands for part in shlex.split(line) if part.startswith(".deploy/")]
    assert files and all((ROOT / file).exists() for file in files)
