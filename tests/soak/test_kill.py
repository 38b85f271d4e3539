"""Killed at random, at length: thirty runs of 200 messages on 20 threads."""

from pathlib import Path

import pytest

from tests.chaos import Chaos


@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(30))
async def test_two_hundred_messages_survive_everything(tmp_path: Path, seed: int) -> None:
    """Chats, two workers and the server are killed: every message is answered exactly once."""
    chaos = Chaos(
        tmp_path,
        seed=seed,
        threads=20,
        messages=10,
        kills=40,
        workers=2,
        at_once=5,
        kill_server=True,
    )
    await chaos.run()
