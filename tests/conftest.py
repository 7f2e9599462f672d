import os
import shutil
import tempfile
from pathlib import Path

import pytest
import streamlit as st

from core import folders, owners
from core.jobs import REGISTRY

ARCHIVES = ("aclImdb_v1.tar.gz", "20news-bydate_py3.pkz")
COMPILED = "JAX_COMPILATION_CACHE_DIR"


def pytest_configure(config):
    """Keep what XLA compiles for all tests of a run, and for the apps that they start; before JAX is loaded."""
    if COMPILED not in os.environ:
        os.environ[COMPILED] = folder = tempfile.mkdtemp(prefix="compiled-")
        os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.2"
        os.environ["JAX_COMPILATION_CACHE_MAX_SIZE"] = "1000000000"  # with a bound, processes take turns at writing
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(config, items):
    """Leaves tests on real data out where the archives are not there."""
    folder = Path(os.environ.get("WHYWORD_DATA") or "no such folder")
    if all((folder / name).is_file() for name in ARCHIVES):
        return
    left_out = [item for item in items if item.get_closest_marker("data")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session", autouse=True)
def shared_home(tmp_path_factory):
    """One folder for all that tests of a session write, so that nothing reaches the user's own."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHYWORD_HOME", str(folder))
        yield folder


@pytest.fixture
def fresh_home(tmp_path, monkeypatch):
    """An empty folder of its own for a test, and no archives that are already there."""
    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("WHYWORD_DATA", raising=False)
    return tmp_path / "home"


@pytest.fixture
def home(fresh_home, tmp_path, monkeypatch):
    """The same without the models that ship; afterwards nobody is asked for, nothing is kept and no job runs."""
    monkeypatch.setattr(folders, "BUNDLED_MODELS", tmp_path / "shipped")
    yield fresh_home
    owners.ask_by(lambda: None)
    st.cache_resource.clear()
    for job in REGISTRY.all():
        job.stop()
