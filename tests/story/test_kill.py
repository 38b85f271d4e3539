"""Killed at random, three short runs; `make soak` has the long ones."""

from pathlib import Path

import pytest

from tests.chaos import Chaos


@pytest.mark.parametrize("seed", [1, 2])
async def test_killed_at_random_nothing_is_lost_or_doubled(tmp_path: Path, seed: int) -> None:
    """Chats and a worker are killed while lines are piped in: each is answered exactly once."""
    await Chaos(tmp_path, seed=seed, threads=3, messages=6, kills=6, at_once=3).run()
