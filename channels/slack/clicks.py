"""Buttons, forms, the slash command and the shortcut, as messages for the bot. Pure.

A button carries a request's id and nothing else that counts: who may, and whether it still waits,
is decided where the request is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from channels.port import Inbound
from channels.slack import modals, names, words
from channels.slack.names import Me, Place
from channels.slack.payloads import Command, Interaction, StoppedEvent, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """A form is to be shown to whoever pressed: `view` in Slack's form, for `trigger`."""

    trigger: str
    view: modals.View


Heard = Inbound | Opens
"""What a click comes to."""

_VERBS = {"approve": "approve", "approve_all": "approve", "option": "answer"}
"""Buttons that are a decision at once, and its verb."""
_FORMS: Mapping[str, Callable[[modals.At, str], modals.View]] = {
    "deny": lambda at, _: modals.deny(at),
    "edit": modals.edit,
    "write": lambda at, _: modals.answer(at),
}
"""Buttons that ask for more first, and where they do."""
_LACKING = {
    modals.EDIT: "Say with what, or press Approve.",
    modals.ANSWER: "Say what the answer is.",
}
"""Forms that say nothing when they are empty."""


def pressed(payload: object, me: Me, place: Place) -> Heard | None:
    """What a pressed button means; None for one that is not ours."""
    told = read(Interaction, payload)
    if told is None or not told.actions or told.channel is None or not told.user.id:
        return None
    action = told.actions[0]
    name, value = action.action_id.partition(":")[0], action.value or ""
    request, _, rest = value.partition(" ")
    root = (told.message.thread_ts or told.message.ts) if told.message else ""
    at = modals.At(room=told.channel.id, root=root, request=request)
    if name in _FORMS and request:
        return Opens(trigger=told.trigger_id, view=_FORMS[name](at, rest))
    if name not in _VERBS or not request:
        return None
    mark = f"{request}:{action.action_id}:{action.action_ts}"
    return _decision(told, me, place, at, f"{_VERBS[name]} {value}", mark)


def sent(payload: object, me: Me, place: Place) -> Inbound | None:
    """What a form that was sent says; None for one that is not ours."""
    told = read(Interaction, payload)
    if told is None or told.view is None or not told.user.id:
        return None
    at = modals.read_at(told.view.private_metadata)
    if at is None:
        return None
    if lacking(payload):
        return None
    typed = modals.typed(told.view)
    mark = f"{at.request or at.root}:{told.view.callback_id}:{told.view.id}"
    match told.view.callback_id:
        case modals.DENY:
            text = f"deny {at.request} {_line(typed)}"
        case modals.EDIT:
            text = f"approve {at.request} {_line(typed)}"
        case modals.ANSWER:
            text = f"answer {at.request} {_line(typed)}"
        case modals.ASK:
            heard = _decision(told, me, place, at, "\n".join((typed.strip(), at.quoted)), mark)
            return replace(heard, may_open=True)
        case _:
            return None
    return _decision(told, me, place, at, text.strip(), mark)


def lacking(payload: object) -> str:
    """What a form that was sent lacks, so that it stays open; "" for nothing.

    Left empty, a form for other arguments would approve those that somebody meant to change.
    """
    told = read(Interaction, payload)
    if told is None or told.view is None or modals.typed(told.view).strip():
        return ""
    return _LACKING.get(told.view.callback_id, "")


def room_of(payload: object) -> str:
    """The id of the room that a click, a form or a shortcut is about; "" for none."""
    told = read(Interaction, payload)
    if told is None:
        return ""
    at = modals.read_at(told.view.private_metadata) if told.view else None
    return at.room if at else (told.channel.id if told.channel else "")


def shortcut(payload: object) -> Opens | None:
    """ "Ask Watchkeeper" on a message: a form for what is to be done with it."""
    told = read(Interaction, payload)
    if told is None or told.message is None or told.channel is None or not told.trigger_id:
        return None
    message = told.message
    at = modals.At(
        room=told.channel.id,
        root=message.thread_ts or message.ts,
        request="",
        quoted=_quoted(words.plain(message.text or "", "", "")),
    )
    return Opens(trigger=told.trigger_id, view=modals.ask(at))


def command(payload: object, me: Me, place: Place) -> Inbound | None:
    """`/watchkeeper …`: it has no message of its own, so each person has one talk a room for it."""
    told = read(Command, payload)
    if told is None or not told.user_id or not told.channel_id:
        return None
    by = names.author(told.team_id or me.team, told.user_id, me)
    return Inbound(
        references=(names.conversation(me.team, told.channel_id, f"command:{told.user_id}"),),
        dedupe=f"{names.NAME}:{me.team}:command:{told.trigger_id}" if told.trigger_id else "",
        author=by,
        address=names.address(told.channel_id),
        text=told.text.strip() or "help",
        audience=names.audience(told.channel_id, place, by.id),
        outsiders=place.outsiders,
    )


def stopped(body: object, me: Me, place: Place) -> Inbound | None:
    """The Stop button of Slack's own: what runs in that conversation is called off."""
    event = read(StoppedEvent, body.get("event")) if isinstance(body, dict) else None
    if event is None or event.type != "agent_session_stopped" or not event.user:
        return None
    room, root = event.channel or event.channel_id, event.thread_ts
    by = names.author(me.team, event.user, me)
    return Inbound(
        references=(names.conversation(me.team, room, root),),
        dedupe=f"{names.NAME}:{me.team}:{room}:{root}:stop:{event.event_ts}",
        author=by,
        address=names.address(room, root),
        text="stop",
        audience=names.audience(room, place, by.id),
        outsiders=place.outsiders,
        may_open=False,
    )


def _decision(
    told: Interaction, me: Me, place: Place, at: modals.At, text: str, mark: str
) -> Inbound:
    team = told.user.team_id or (told.team.id if told.team else "") or me.team
    by = names.author(team, told.user.id, me)
    return Inbound(
        references=(names.conversation(me.team, at.room, at.root),),
        dedupe=f"{names.NAME}:{me.team}:click:{by.id}:{mark}",
        author=by,
        address=names.address(at.room, at.root),
        text=text,
        audience=names.audience(at.room, place, by.id),
        outsiders=place.outsiders,
        may_open=False,
    )


def _line(typed: str) -> str:
    """On one line, as a decision has to be."""
    return " ".join(typed.split())


def _quoted(text: str) -> str:
    """As somebody else's words: they start nothing."""
    return "\n".join(f"> {line}" for line in text.splitlines())
