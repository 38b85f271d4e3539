"""Real servers for tests: Redis of the system, alone or as a cluster, and certificates.

Each is a process that the test starts and stops by its own handle.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis, RedisError

READY = 10.0  # seconds for a server to answer


def program(name: str) -> str:
    """The path of a program; without it the test is skipped, or fails where nothing may be."""
    found = shutil.which(name)
    if found is None:
        missing = pytest.fail if os.environ.get("WATCHKEEPER_NO_SKIPS") == "1" else pytest.skip
        missing(f"{name} is not installed")
    return found


def free_port() -> int:
    """A port that nobody listens on, and whose cluster port is free as well."""
    while True:
        with socket.socket() as probe, socket.socket() as bus:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if port > 55535:
                continue
            try:
                bus.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
            return port


@dataclass
class Server:
    """A running server."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rsplit(":", 1)[1])

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """In order."""
        self.process.terminate()
        self.process.wait(READY)


def start_redis(folder: Path, *options: str, port: int | None = None) -> Server:
    """Redis of the system on a TCP port, durable unless `options` say otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    command = [
        *(program("redis-server"), "--bind", "127.0.0.1", "--port", str(port)),
        *("--dir", str(folder), "--logfile", str(folder / "redis.log"), "--save", ""),
        *("--appendonly", "yes", "--daemonize", "no", *options),
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        restore_signals=False,  # so that a limit on its files is an error to it, not its end
    )
    server = Server(f"redis://127.0.0.1:{port}", folder, process)
    await_answer(server)
    return server


def await_answer(server: Server) -> None:
    """Until the port is open."""
    end = time.monotonic() + READY
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
        except OSError:
            assert server.process.poll() is None, (server.folder / "redis.log").read_text()
            assert time.monotonic() < end, "the server does not listen"
            time.sleep(0.01)
        else:
            return


async def listening(port: int) -> None:
    """Until somebody does there."""
    async with asyncio.timeout(READY):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return


@contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[Server]:
    """The same until the end of the block."""
    server = start_redis(folder, *options)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def cluster(folder: Path) -> Iterator[Sequence[Server]]:
    """Three masters that share the slots."""
    options = ("--cluster-enabled", "yes", "--appendfsync", "no")
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(redis_server(folder / str(number), *options)) for number in range(3)
        ]
        clients = [stack.enter_context(Redis.from_url(node.url)) for node in nodes]
        for number, client in enumerate(clients):
            ask(client, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            first, last = number * 16384 // 3, (number + 1) * 16384 // 3 - 1
            ask(client, "CLUSTER", "ADDSLOTSRANGE", first, last)
            ask(client, "CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
        for client in clients:
            _await_whole(client, len(nodes))
        yield nodes


def _await_whole(client: Redis, nodes: int) -> None:
    end = time.monotonic() + READY
    wanted = {"cluster_state:ok", f"cluster_known_nodes:{nodes}", "cluster_slots_assigned:16384"}
    while not wanted <= set(_text(ask(client, "CLUSTER", "INFO")).split()):
        assert time.monotonic() < end, "the cluster does not come up"
        time.sleep(0.02)


def run(*command: str) -> str:
    """What a program says; it must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def flush(url: str) -> None:
    """Forget everything."""
    with Redis.from_url(url) as client:
        client.flushall()


def forget_scripts(url: str) -> None:
    """Empty the cache of scripts."""
    with Redis.from_url(url) as client:
        client.script_flush()


def wipe_execution(url: str, bot: str) -> int:
    """Delete all execution keys of a bot; how many there were."""
    with Redis.from_url(url) as client:
        keys = list(client.scan_iter(f"wk:{{{bot}}}:x:*", count=1000))
        return int(client.delete(*keys)) if keys else 0


def answers(url: str) -> bool:
    """Whether somebody is there."""
    try:
        with Redis.from_url(url) as client:
            return bool(client.ping())
    except RedisError:
        return False


def move_slot(urls: Sequence[str], key: str) -> None:
    """Move the slot of `key`, with all that is in it, from its node to the next one, live."""
    nodes = [Redis.from_url(url) for url in urls]
    try:
        slot = int(str(ask(nodes[0], "CLUSTER", "KEYSLOT", key)))
        names = [_text(ask(node, "CLUSTER", "MYID")) for node in nodes]
        owner = next(number for number, node in enumerate(nodes) if _owns(node, slot))
        taker = (owner + 1) % len(nodes)
        port = urls[taker].rsplit(":", 1)[1]
        ask(nodes[taker], "CLUSTER", "SETSLOT", slot, "IMPORTING", names[owner])
        ask(nodes[owner], "CLUSTER", "SETSLOT", slot, "MIGRATING", names[taker])
        while keys := ask(nodes[owner], "CLUSTER", "GETKEYSINSLOT", slot, 2):
            assert isinstance(keys, list)
            ask(nodes[owner], "MIGRATE", "127.0.0.1", port, "", 0, 5000, "KEYS", *keys)
            time.sleep(0.01)
        for node in (nodes[taker], nodes[owner], *nodes):
            ask(node, "CLUSTER", "SETSLOT", slot, "NODE", names[taker])
    finally:
        for node in nodes:
            node.close()


def _owns(node: Redis, slot: int) -> bool:
    """Whether a node counts the slot as its own: it then answers for it without a redirection."""
    for line in _text(ask(node, "CLUSTER", "NODES")).splitlines():
        fields = line.split()
        if "myself" in fields[2]:
            spans = (span.split("-") for span in fields[8:] if not span.startswith("["))
            return any(int(span[0]) <= slot <= int(span[-1]) for span in spans)
    return False


def ask(client: Redis, *words: object) -> object:
    """A command, in words that the library does not interpret."""
    return client.execute_command(*words)  # type: ignore[no-untyped-call]


def _text(reply: object) -> str:
    return reply.decode() if isinstance(reply, bytes) else str(reply)
