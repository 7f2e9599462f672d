"""The devices that work is spread over: one mesh over all of them, in this process or in many.

With one device nothing here does anything. With more, the rows of a batch are spread over them and the weights are on
each; XLA adds up the gradients. A program of many processes runs the same code in each of them.
"""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, TypeVar

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from core.errors import BadInput
from core.folders import compiled_folder

GO_MESSAGE = b"go"
DOCUMENTS = "documents"  # the one axis of the mesh
Tree = TypeVar("Tree")
Items = TypeVar("Items", tuple[str, ...], list[str], np.ndarray)


@functools.cache
def remember_compilations() -> None:
    """Keep what XLA compiles for the next process, where JAX has not been told to (`JAX_COMPILATION_CACHE_DIR`).

    Without effect where the folder cannot be written.
    """
    if os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        return
    try:
        folder = compiled_folder()
    except OSError:
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_compilation_cache_max_size", 500_000_000)
    jax.config.update("jax_raise_persistent_cache_errors", False)


def join(coordinator: str | None, processes: int | None, process_id: int | None, *, wait: int = 300) -> None:
    """Make this process one of many that work together.

    Args:
        coordinator: host:port of process 0; with the other two, found by the cluster (SLURM, TPU pod, ...) if None.
        processes: how many there are.
        process_id: which this one is, from 0.
        wait: seconds to wait for the others.

    Raises BadInput when the others do not come, or when nothing tells where they are.
    """
    set_options = [value is not None for value in (coordinator, processes, process_id)]
    if any(set_options) and not all(set_options):
        raise BadInput("--coordinator, --processes and --process-id belong together: give all three, or none.")
    if processes is not None and processes < 1:
        raise BadInput(f"--processes is at least 1, not {processes}.")
    if processes is not None and process_id is not None and not 0 <= process_id < processes:
        raise BadInput(f"--process-id lies between 0 and {processes - 1}, not {process_id}.")
    try:
        if coordinator is not None and processes is not None and process_id is not None:
            meet(coordinator, processes, process_id, wait)
        jax.distributed.initialize(coordinator, processes, process_id, initialization_timeout=wait)
    except TimeoutError as error:
        raise BadInput(
            f"Not all of the {processes} processes came to {coordinator} within {wait} seconds; start every one of "
            "them with the same --coordinator and --processes, and see that its port can be reached."
        ) from error
    except (RuntimeError, ValueError, OSError) as error:
        reason = str(error).partition("\n")[0][:120]
        raise BadInput(
            f"The other processes cannot be found ({reason}); give --coordinator HOST:PORT, --processes N and "
            "--process-id I, with a port that is free on that host."
        ) from error


def meet(coordinator: str, processes: int, process_id: int, wait: float) -> None:
    """Return when all processes have come to the coordinator's port, which is then free again.

    JAX ends a process in the middle when another does not come, so that nothing could be said about it. Raises
    TimeoutError after `wait` seconds, and OSError or ValueError when the address cannot be.
    """
    host, _, port = coordinator.rpartition(":")
    deadline = time.monotonic() + wait
    if process_id == 0:
        with socket.create_server(("", int(port))) as listener, ExitStack() as opened:
            guests: dict[bytes, socket.socket] = {}  # by number: one that comes again counts once
            while len(guests) < processes - 1:
                number, guest = _guest(listener, deadline)
                opened.enter_context(guest)
                if number.isdigit() and 0 < int(number) < processes:
                    guests[number] = guest
            for guest in guests.values():
                guest.sendall(GO_MESSAGE)
    else:
        while not _all_have_come(host, int(port), process_id, deadline):
            time.sleep(0.2)


def _guest(listener: socket.socket, deadline: float) -> tuple[bytes, socket.socket]:
    listener.settimeout(max(deadline - time.monotonic(), 0.001))
    guest, _ = listener.accept()
    guest.settimeout(max(min(deadline - time.monotonic(), 2.0), 0.001))
    with suppress(OSError):
        return guest.recv(16), guest
    return b"", guest


def _all_have_come(host: str, port: int, process_id: int, deadline: float) -> bool:
    rest = deadline - time.monotonic()
    if rest <= 0:
        raise TimeoutError
    with suppress(OSError), socket.create_connection((host, port), timeout=rest) as connection:
        connection.sendall(str(process_id).encode())
        return connection.recv(len(GO_MESSAGE)) == GO_MESSAGE
    return False


def is_first() -> bool:
    """Whether this process is the one that writes and tells; true when there is no other."""
    return jax.process_index() == 0


def agree(value: str) -> str:
    """The first process's value, in all of them; at most 400 characters of ASCII."""
    if jax.process_count() == 1:
        return value
    padded = np.frombuffer(value.encode("ascii").ljust(400)[:400], np.uint8)
    return bytes(np.asarray(multihost_utils.broadcast_one_to_all(padded))).decode("ascii").rstrip()


def check_same(task: str) -> None:
    """Raise BadInput, in every process, when they were not all given the same task."""
    digest = np.frombuffer(hashlib.sha256(task.encode("utf-8", "surrogatepass")).digest(), np.uint8)
    if (np.asarray(multihost_utils.process_allgather(digest)) != digest).any():
        raise BadInput("The processes were started with different arguments; only --process-id and paths may differ.")


def wait_for_all(what: str) -> None:
    """Go on when every process has come to the same point."""
    if jax.process_count() > 1:
        multihost_utils.sync_global_devices(what)


def rows_for(documents: int) -> int:
    """Rows of the arrays of a batch of so many documents: the next number that all devices share evenly."""
    devices = jax.device_count()
    return -(-documents // devices) * devices


def share_of(rows: int) -> slice:
    """The rows of a batch that belong to this process."""
    each = rows // jax.process_count()
    return slice(jax.process_index() * each, (jax.process_index() + 1) * each)


def on_all(tree: Tree) -> Tree:
    """Every array of the tree on every device; each process gives the same."""
    if jax.device_count() == 1:
        return tree
    everywhere = NamedSharding(_mesh(), PartitionSpec())
    return jax.tree.map(lambda leaf: jax.make_array_from_process_local_data(everywhere, np.asarray(leaf)), tree)


def spread_rows(tree: Tree) -> Tree:
    """The rows of every array over the devices; each process gives its share of them (`share_of`)."""
    if jax.device_count() == 1:
        return tree
    by_rows = NamedSharding(_mesh(), PartitionSpec(DOCUMENTS))
    return jax.tree.map(lambda leaf: jax.make_array_from_process_local_data(by_rows, np.asarray(leaf)), tree)


def local(tree: Tree) -> Tree:
    """What `on_all` spread, as arrays on one device of this process; numpy's stay as they are."""
    if jax.device_count() == 1:
        return tree
    return jax.tree.map(lambda leaf: leaf.addressable_data(0) if isinstance(leaf, jax.Array) else leaf, tree)


def divided(function: Callable[[Any], np.ndarray], items: Any) -> np.ndarray:
    """(n, ...) rows that the function gives for the items, each process working on every so-manieth of them."""
    return all_gather(function(own_items(items)), len(items))


def own_items(items: Items) -> Items:
    """Those that this process works on: every so-manieth."""
    return items[jax.process_index() :: jax.process_count()]


def all_gather(own_rows: np.ndarray, total: int) -> np.ndarray:
    """(total, ...) rows of all processes, each of which gives those of its `own_items`."""
    count = jax.process_count()
    if count == 1:
        return own_rows
    longest = -(-total // count)
    padding = np.zeros((longest - len(own_rows), *own_rows.shape[1:]), own_rows.dtype)
    parts = np.asarray(multihost_utils.process_allgather(np.concatenate([own_rows, padding])))
    return parts.swapaxes(0, 1).reshape(-1, *own_rows.shape[1:])[:total]  # from (processes, longest, ...)


def gather_bytes(own: Any) -> list[bytes]:
    """What each process gives, as a buffer of bytes, in their order."""
    given = np.frombuffer(own, np.uint8)
    if jax.process_count() == 1:
        return [given.tobytes()]
    sizes = np.asarray(multihost_utils.process_allgather(np.array([len(given)], np.int32))).ravel()
    padded = np.zeros(int(sizes.max()), np.uint8)
    padded[: len(given)] = given
    rows = np.asarray(multihost_utils.process_allgather(padded))
    return [row[:size].tobytes() for row, size in zip(rows, sizes.tolist(), strict=True)]


def _mesh() -> Mesh:
    return Mesh(np.array(jax.devices()), (DOCUMENTS,))
