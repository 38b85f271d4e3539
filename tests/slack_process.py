"""`watchkeeper run` as processes of their own, at a local Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bot_process import Bots, ended
from tests.house import RUNBOOKS, write_config
from tests.slack_house import TEAM
from tests.slack_lab import SlackServer


def environment(server: SlackServer) -> dict[str, str]:
    """What asks for Slack, and for this one."""
    return {
        "SLACK_BOT_TOKEN": server.api.bot_token,
        "SLACK_APP_TOKEN": server.api.app_token,
        "SLACK_API_URL": server.api_url,
    }


def slack_bots(folder: Path, server: SlackServer) -> Bots:
    """No process yet: the configuration, and the environment."""
    write_config(folder, lease="2s", runbooks=RUNBOOKS + TEAM)
    return Bots(folder, environment(server), "slack: connected as @watchkeeper")


@asynccontextmanager
async def bots(folder: Path, server: SlackServer) -> AsyncIterator[Bots]:
    """Processes that are stopped at the end, however they are."""
    those = slack_bots(folder, server)
    async with ended(those):
        yield those
