"""The methods about the app itself and about users: who it is, its sockets, its signs of work."""

from collections.abc import Callable

from tests.slack_server import payloads
from tests.slack_server.web_api import Method
from tests.slack_server.wire import APP, BOT, BOT_USER, TEAM, Payload, Refused, parsed, text_of
from tests.slack_server.world import World

STATUSES = ("active", "processing", "suspended", "closed")


class AppMethods:
    """Who the app is, where its socket is, and what people see of its work."""

    def __init__(self, world: World, ticket: Callable[[], str]) -> None:
        self._world = world
        self._ticket = ticket

    def methods(self) -> dict[str, Method]:
        """The methods, by name."""
        return {
            "auth.test": self._test,
            "apps.connections.open": self._connect,
            "users.info": self._user,
            "agents.sessions.setStatus": self._session,
            "assistant.threads.setStatus": self._status,
        }

    def _test(self, args: Payload) -> Payload:
        return {
            "url": f"{self._world.origin}/",
            "team": "ops",
            "user": self._world.bot.name,
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def _connect(self, args: Payload) -> Payload:
        origin = self._world.origin.replace("http", "ws")
        return {"url": f"{origin}/link/?ticket={self._ticket()}&app_id={APP}"}

    def _user(self, args: Payload) -> Payload:
        user = self._world.users.get(text_of(args, "user"))
        if user is None:
            raise Refused("user_not_found")
        return {"user": payloads.user(user)}

    def _session(self, args: Payload) -> Payload:
        where = self._thread(args)
        if text_of(args, "status") not in STATUSES:
            raise Refused("invalid_arguments", messages=["[ERROR] status"])
        self._world.sessions[where] = text_of(args, "status")
        self._world.journal.tell()
        return {}

    def _status(self, args: Payload) -> Payload:
        where, status = self._thread(args), text_of(args, "status")
        loading = parsed(args, "loading_messages")
        if status or loading:
            self._world.statuses[where] = status or loading[0]
        else:
            self._world.statuses.pop(where, None)
        self._world.journal.tell()
        return {}

    def _thread(self, args: Payload) -> tuple[str, str]:
        channel, thread = (
            self._world.joined(text_of(args, "channel_id")),
            text_of(args, "thread_ts"),
        )
        if thread not in channel.messages:
            raise Refused("thread_not_found")
        return channel.id, thread
