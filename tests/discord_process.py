"""`watchkeeper run` as processes of their own, at a local Discord."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bot_process import Bots, ended
from tests.discord_server import DiscordServer, User
from tests.house import RUNBOOKS, write_config


def team(ann: User, ben: User, cas: User) -> str:
    """ann and ben are operators, cas is not."""
    people = {"ann": (ann, "operator"), "ben": (ben, "operator"), "cas": (cas, "")}
    return "".join(
        f'\n[people.{name}]\ndiscord = "{user.id}"\n' + (f'roles = ["{role}"]\n' if role else "")
        for name, (user, role) in people.items()
    )


def environment(server: DiscordServer) -> dict[str, str]:
    """What asks for Discord, and for this one."""
    return {
        "DISCORD_BOT_TOKEN": server.token,
        "DISCORD_API_URL": server.api_url,
        "DISCORD_GATEWAY_URL": server.gateway_url,
    }


@asynccontextmanager
async def bots(
    folder: Path, server: DiscordServer, ann: User, ben: User, cas: User
) -> AsyncIterator[Bots]:
    """Processes that are stopped at the end, however they are."""
    write_config(folder, lease="2s", runbooks=RUNBOOKS + team(ann, ben, cas))
    those = Bots(folder, environment(server), "discord: connected as @watchkeeper")
    async with ended(those):
        yield those
