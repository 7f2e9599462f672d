"""Servers behind nginx, as `.deploy/nginx.conf` sets it up."""

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from tests.load.serving import serving
from tests.served import ROOT, free_port

DEPLOY = ROOT / ".deploy"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


@contextmanager
def replica(home, port=None):
    """A server of strangers on a home, at the path /whyword: its port and its process."""
    port, path = port or free_port(), ["--server.baseUrlPath=whyword"]
    with serving(home, port, path, base="/whyword", WHYWORD_DEMO="1") as (_, process, _):
        yield port, process


@contextmanager
def proxied(folder, ports):
    """The address of nginx with the settings in .deploy, but for its ports and its place for files."""
    listen = free_port()
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in ((8501, ports[0]), (8502, ports[1]), (8080, listen)):
        assert str(old) in text
        text = text.replace(str(old), str(new))
    (folder / "nginx.conf").write_text(text.replace("/tmp/whyword-nginx", f"{folder}/nginx"))
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
    """Wait until an address answers; an AssertionError when it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if asked(url)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{url} is not served")
