"""What is in .deploy: the container's file, and two replicas behind nginx of which one is killed."""

import asyncio
import re
import shlex
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from tests.load.serving import serving
from tests.load.session import Visitor
from tests.served import ROOT, free_port

DEPLOY = ROOT / ".deploy"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


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


@contextmanager
def proxied(folder, ports):
    """The address of nginx with the settings in .deploy, but for its ports and its place for files."""
    listen = free_port()
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in ((8501, ports[0]), (8502, ports[1]), (8080, listen)):
        assert str(old) in text
        text = text.replace(str(old), str(new))
    text = text.replace("/tmp/whyword-nginx.pid", f"{folder}/nginx.pid")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(text.replace("http {", f"http {{\n{places}"))
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with subprocess.Popen(command) as process:
        try:
            yield f"http://127.0.0.1:{listen}"
        finally:
            process.terminate()


def asked(url):
    """Status and headers of an address, redirections not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    try:
        with urllib.request.build_opener(Stay).open(url, timeout=20) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def until_served(url, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if asked(url)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{url} is not served")


async def explained(address, model):
    async with Visitor(address, query=f"model={model}") as visitor:
        await visitor.open(120)
        return await visitor.explain("Hockey was played with cars and wheels", 120)


@pytest.fixture
def replicas(tmp_path):
    """Two servers on one home at the path /whyword, by their ports."""
    ports = free_port(), free_port()
    path = ["--server.baseUrlPath=whyword"]
    with (
        serving(tmp_path / "home", ports[0], path, base="/whyword", WHYWORD_DEMO="1") as (_, first, _),
        serving(tmp_path / "home", ports[1], path, base="/whyword", WHYWORD_DEMO="1") as (_, second, _),
    ):
        yield dict(zip(ports, (first, second), strict=True))


def test_two_replicas_serve_behind_nginx_and_one_that_is_killed_is_not_missed(replicas, tmp_path):
    with proxied(tmp_path, [*replicas]) as root:
        address = f"{root}/whyword"
        until_served(f"{address}/_stcore/health")
        status, headers = asked(f"{root}/whyword")
        assert (status, headers["Location"].endswith("/whyword/")) == (301, True)
        status, headers = asked(f"{address}/")
        assert status == 200 and headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        first = asyncio.run(explained(address, "newsgroups-bow"))
        assert first.first is not None and first.errors == []
        used = max(replicas, key=lambda port: sum(replicas[port].cpu_times()[:2]))
        replicas[used].kill()
        until_served(f"{address}/_stcore/health")
        second = asyncio.run(explained(address, "newsgroups-bow"))
        assert second.first is not None and second.errors == []


def test_the_words_of_the_recipe_are_commands_that_there_are():
    text = (DEPLOY / "README.md").read_text()
    commands = [line for block in re.findall(r"```\n(.*?)```", text, re.S) for line in block.splitlines()]
    assert any("podman build -f .deploy/Containerfile" in command for command in commands)
    files = [part for line in commands for part in shlex.split(line) if part.startswith(".deploy/")]
    assert files and all((ROOT / file).exists() for file in files)
