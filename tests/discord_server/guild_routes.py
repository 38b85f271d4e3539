"""Routes of the bot itself, of users, guilds and commands."""

import re

from tests.discord_server import payloads, routes
from tests.discord_server.journal import Call
from tests.discord_server.rest import Handler, body
from tests.discord_server.things import Guild, User
from tests.discord_server.wire import (
    MISSING_ACCESS,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    UNKNOWN_USER,
    Intent,
    Payload,
    Refused,
    invalid,
)
from tests.discord_server.world import World

# The portal's switches as an application's flags tell them, for an application in few guilds.
SWITCHES = {Intent.PRESENCES: 1 << 13, Intent.MEMBERS: 1 << 15, Intent.CONTENT: 1 << 19}


class GuildRoutes:
    """What the bot asks about itself and its guilds, and the commands that it registers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handlers(self) -> dict[str, Handler]:
        """The handlers, by route."""
        return {
            routes.ME: lambda call: payloads.user(self._world.bot),
            routes.MY_GUILDS: lambda call: [*map(payloads.guild, self._world.guilds.values())],
            routes.USER: lambda call: payloads.user(self._user(call)),
            routes.OPEN_DM: self._open_dm,
            routes.APPLICATION: self._application,
            routes.OAUTH_APPLICATION: self._application,
            routes.GATEWAY: lambda call: {"url": self._gateway_url()},
            routes.GATEWAY_BOT: self._gateway_bot,
            routes.GUILD: lambda call: payloads.guild(self._guild(call)),
            routes.GUILD_CHANNELS: self._channels,
            routes.GUILD_ROLES: lambda call: payloads.guild(self._guild(call))["roles"],
            routes.MEMBERS: self._members,
            routes.MEMBER: self._member,
            routes.ACTIVE_THREADS: self._threads,
            routes.COMMANDS: self._commands,
            routes.PUT_COMMANDS: self._put_commands,
            routes.GUILD_COMMANDS: self._commands,
            routes.PUT_GUILD_COMMANDS: self._put_commands,
        }

    # --- itself and users ------------------------------------------------------------------------

    def _gateway_url(self) -> str:
        return self._world.origin.replace("http", "ws") + "/gateway/"

    def _gateway_bot(self, call: Call) -> Payload:
        starts = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return {"url": self._gateway_url(), "shards": 1, "session_start_limit": starts}

    def _application(self, call: Call) -> Payload:
        bot, allowed = self._world.bot, self._world.gateway.allowed
        owner = next(iter(self._world.guilds.values())).owner
        return {
            "id": str(bot.id),
            "name": bot.name,
            "description": "",
            "icon": None,
            "bot_public": False,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": sum(flag for intent, flag in SWITCHES.items() if intent in allowed),
            "owner": payloads.user(owner),
            "team": None,
            "bot": payloads.user(bot),
            "redirect_uris": [],
            "interactions_endpoint_url": None,
        }

    def _user(self, call: Call) -> User:
        if (number := call.number("user")) not in self._world.users:
            raise Refused(*UNKNOWN_USER)
        return self._world.users[number]

    def _open_dm(self, call: Call) -> Payload:
        number = int(body(call)["recipient_id"])
        if number not in self._world.users:
            raise Refused(*UNKNOWN_USER)
        return payloads.channel(self._world.conversation(self._world.users[number]))

    # --- guilds ----------------------------------------------------------------------------------

    def _guild(self, call: Call) -> Guild:
        if (number := call.number("guild")) not in self._world.guilds:
            raise Refused(*UNKNOWN_GUILD)
        return self._world.guilds[number]

    def _channels(self, call: Call) -> list[Payload]:
        return [*map(payloads.channel, self._guild(call).channels.values())]

    def _members(self, call: Call) -> list[Payload]:
        """Only an application that the portal lets see members gets a list of them."""
        guild = self._guild(call)
        if Intent.MEMBERS not in self._world.gateway.allowed:
            raise Refused(*MISSING_ACCESS)
        after, limit = int(call.query.get("after", 0)), int(call.query.get("limit", 1))
        found = [user for number, user in sorted(guild.members.items()) if number > after]
        return [payloads.member(user, guild) for user in found[:limit]]

    def _member(self, call: Call) -> Payload:
        guild, number = self._guild(call), call.number("user")
        if number not in guild.members:
            raise Refused(*UNKNOWN_MEMBER)
        return payloads.member(guild.members[number], guild)

    def _threads(self, call: Call) -> Payload:
        threads = self._guild(call).threads.values()
        active = [payloads.channel(thread) for thread in threads if not thread.archived]
        return {"threads": active, "members": [], "has_more": False}

    # --- commands --------------------------------------------------------------------------------

    def _commands(self, call: Call) -> list[Payload]:
        return self._world.commands.get(self._commands_of(call), [])

    def _put_commands(self, call: Call) -> list[Payload]:
        place = self._commands_of(call)
        known = {command["name"]: command["id"] for command in self._world.commands.get(place, [])}
        if len(call.body) > 100:
            raise invalid("_", "Must be 100 or fewer in length.")
        for command in call.body:
            if command.get("type", 1) == 1:
                _check_command(command)
        self._world.commands[place] = [
            {
                "type": 1,
                "options": [],
                **command,
                "id": known.get(command["name"]) or str(self._world.ids.next()),
                "application_id": str(self._world.bot.id),
                "version": str(self._world.ids.next()),
                **({} if place is None else {"guild_id": str(place)}),
            }
            for command in call.body
        ]
        return self._world.commands[place]

    def _commands_of(self, call: Call) -> int | None:
        return self._guild(call).id if "guild" in call.params else None


def _check_command(command: Payload) -> None:
    """Commands, groups, subcommands and options alike keep to these limits."""
    name = command["name"]
    if not re.fullmatch(r"[-_'\w]{1,32}", name) or name.lower() != name:
        raise invalid("name", "Command name is invalid")
    if not 1 <= len(command.get("description", "")) <= 100:
        raise invalid("description", "Must be between 1 and 100 in length.")
    if len(command.get("choices") or ()) > 25:
        raise invalid("choices", "Must be 25 or fewer in length.")
    options = command.get("options") or []
    if len(options) > 25:
        raise invalid("options", "Must be 25 or fewer in length.")
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        raise invalid("options", "Required options must be placed before non-required options")
    for option in options:
        _check_command(option)
