"""Routes by which interactions are answered, and what follows the answers."""

from tests.discord_server import routes
from tests.discord_server.channel_routes import rewrite, written
from tests.discord_server.content import check
from tests.discord_server.interactions import Interaction, Interactions
from tests.discord_server.journal import Call
from tests.discord_server.rest import Handler, body
from tests.discord_server.things import Message
from tests.discord_server.wire import (
    ALREADY_ANSWERED,
    INVALID_TOKEN,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Flag,
    Kind,
    Payload,
    Refused,
    invalid,
)
from tests.discord_server.world import World

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9

ANSWERS = {
    Kind.SLASH: {MESSAGE, DEFERRED, MODAL},
    Kind.COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
    Kind.AUTOCOMPLETE: {CHOICES},
    Kind.MODAL: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}
"""The types of answers that each kind of interaction may have."""


class InteractionRoutes:
    """How the bot answers interactions."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions

    def handlers(self) -> dict[str, Handler]:
        """The handlers, by route."""
        return {
            routes.CALLBACK: self._callback,
            routes.FOLLOW_UP: self._follow_up,
            routes.GET_FOLLOW_UP: lambda call: self._world.payload(self._message(call)),
            routes.EDIT_FOLLOW_UP: self._edit,
            routes.DELETE_FOLLOW_UP: lambda call: self._world.remove(self._message(call)),
        }

    # --- the answer ------------------------------------------------------------------------------

    def _callback(self, call: Call) -> Payload | None:
        interaction = self._interactions.with_token(call.params["token"])
        if interaction is None or interaction.id != call.number("interaction"):
            raise Refused(*UNKNOWN_INTERACTION)
        sent = body(call)
        try:
            if interaction.is_late:
                raise Refused(*UNKNOWN_INTERACTION)
            if interaction.answer is not None:
                raise Refused(*ALREADY_ANSWERED)
            if sent["type"] not in ANSWERS[interaction.kind]:
                raise invalid("type", f"An answer of type {sent['type']} does not fit.")
            self._take(interaction, sent, call)
        except Refused:
            interaction.refusals += 1
            self._world.journal.tell()
            raise
        interaction.answer = sent
        self._world.journal.tell()
        return self._told(interaction) if call.query.get("with_response") else None

    def _take(self, interaction: Interaction, sent: Payload, call: Call) -> None:
        data = sent.get("data") or {}
        match sent["type"]:
            case 4:
                check(data, call.files)
                interaction.original = self._reply(interaction, data, call)
            case 5:
                flags = int(data.get("flags") or 0) | Flag.LOADING
                interaction.original = self._reply(interaction, {}, call, flags=flags)
            case 6 | 7 if interaction.message is None:
                raise invalid("type", "There is no message to update.")
            case 6:
                interaction.original = interaction.message
            case 7:
                assert interaction.message is not None
                interaction.original = interaction.message
                rewrite(self._world, interaction.message, data, call.files)
            case _:
                pass

    def _reply(
        self, interaction: Interaction, data: Payload, call: Call, *, flags: int | None = None
    ) -> Message:
        is_command = interaction.kind == Kind.SLASH
        message = written(
            self._world,
            interaction.channel,
            data,
            call.files,
            asked=interaction.metadata,
            webhook=self._world.bot.id,
            seen_by=interaction.user,
            kind=Kind.COMMAND_REPLY if is_command else Kind.PLAIN,
        )
        if flags is not None:
            message.flags = flags
        return self._world.post(message)

    def _told(self, interaction: Interaction) -> Payload:
        assert interaction.answer is not None
        kind, original = interaction.answer["type"], interaction.original
        told: Payload = {"id": str(interaction.id), "type": interaction.kind}
        if original is None:
            return {"interaction": told}
        told |= {
            "response_message_id": str(original.id),
            "response_message_loading": bool(original.flags & Flag.LOADING),
            "response_message_ephemeral": original.is_ephemeral,
        }
        if kind not in (MESSAGE, UPDATE):
            return {"interaction": told}
        message = self._world.payload(original)
        return {"interaction": told, "resource": {"type": kind, "message": message}}

    # --- what follows it -------------------------------------------------------------------------

    def _open(self, call: Call) -> Interaction:
        interaction = self._interactions.with_token(call.params["token"])
        if interaction is None or interaction.answer is None:
            raise Refused(*UNKNOWN_WEBHOOK)
        if interaction.is_expired:
            raise Refused(*INVALID_TOKEN)
        return interaction

    def _message(self, call: Call) -> Message:
        interaction = self._open(call)
        if call.params["message"] == "@original":
            found = interaction.original
        else:
            theirs = [interaction.original, *interaction.followups]
            number = call.number("message")
            found = next((one for one in theirs if one is not None and one.id == number), None)
        if found is None or found.deleted:
            raise Refused(*UNKNOWN_MESSAGE)
        return found

    def _follow_up(self, call: Call) -> Payload:
        """The first one after a deferred answer fills that, as Discord has it."""
        interaction, sent = self._open(call), body(call)
        original = interaction.original
        if original is not None and original.flags & Flag.LOADING:
            rewrite(self._world, original, sent, call.files)
            return self._world.payload(original)
        check(sent, call.files)
        message = self._reply(interaction, sent, call)
        interaction.followups.append(message)
        self._world.journal.tell()
        return self._world.payload(message)

    def _edit(self, call: Call) -> Payload:
        message = self._message(call)
        rewrite(self._world, message, body(call), call.files)
        return self._world.payload(message)
