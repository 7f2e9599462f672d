"""Before the first visitor: what the server loads, and that a browser opens."""

import asyncio
import os
import subprocess
import sys
import time

from core.saved_models import list_models
from pages.ui.shared import cache, start
from pages.ui.shared.budget import BUDGET
from pages.ui.shared.widgets import FIRST_CHOICE
from tests.served import ROOT, free_port


def test_the_first_model_is_loaded_before_anybody_comes():
    async def serve():
        async with start.lifespan(None):
            pass

    key = next(info.key for info in list_models() if info.name == FIRST_CHOICE)
    cache.model.clear(key)
    BUDGET.forget_model(key.fingerprint)
    before = BUDGET.taken
    asyncio.run(serve())
    start.wait_until_loaded()
    loaded = BUDGET.taken
    assert cache.model(key).name == FIRST_CHOICE
    assert BUDGET.taken == loaded > before


def test_a_browser_opens_where_there_is_one(tmp_path):
    port, opened = free_port(), tmp_path / "opened"
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "credentials.toml").write_text('[general]\nemail = ""\n')
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    environment = os.environ | {"BROWSER": f"{browser} %s", "HOME": str(tmp_path), "WHYWORD_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=false", f"--server.port={port}"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        deadline = time.monotonic() + 60
        while not opened.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        process.kill()
    assert opened.read_text().strip() == f"http://localhost:{port}"
