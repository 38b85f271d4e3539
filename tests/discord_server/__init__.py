"""A small Discord on the loopback: gateway and REST, people who act, and faults on request.

`async with discord_server() as server:` gives a `DiscordServer` that keeps everything that came in
and can be awaited; `pointed_at(server)` sends this process' discord.py there.
"""

from tests.discord_server import routes
from tests.discord_server.faults import Fault, error, held, limited, lost_request, lost_response
from tests.discord_server.interactions import Interaction
from tests.discord_server.journal import Call, File
from tests.discord_server.pointing import pointed_at
from tests.discord_server.server import TOKEN, DiscordServer, discord_server
from tests.discord_server.things import Channel, Guild, Message, User
from tests.discord_server.wire import PRIVILEGED, Intent, Permission

__all__ = [
    "PRIVILEGED",
    "TOKEN",
    "Call",
    "Channel",
    "DiscordServer",
    "Fault",
    "File",
    "Guild",
    "Intent",
    "Interaction",
    "Message",
    "Permission",
    "User",
    "discord_server",
    "error",
    "held",
    "limited",
    "lost_request",
    "lost_response",
    "pointed_at",
    "routes",
]
