"""Payloads of Slack's with anything in them broken, and who may come out as their author."""

import copy
import random
from collections.abc import Callable, Iterator

from channels.port import Inbound
from channels.slack import clicks, inbound, modals
from tests.slack_payloads import (
    ME,
    REQUEST,
    ROOM,
    changed,
    click,
    command,
    deleted,
    event,
    form,
    shortcut,
)

EVIL = "UEVIL"
"""Somebody who is named all over a payload, and has not written it."""

AT = modals.At(room="C1", root="1.2", request=REQUEST).model_dump_json()
JUNK: tuple[object, ...] = (
    None,
    0,
    -1,
    1.5,
    True,
    "",
    "x",
    "\ud800",
    "<@UBOT>",
    [],
    {},
    [None],
    {"a": []},
    "9" * 400,
)

Payload = dict[str, object]
Translator = Callable[[object], object]


def _event(body: object) -> object:
    return inbound.from_event(body, ME, ROOM)


def _click(body: object) -> object:
    return clicks.pressed(body, ME, ROOM)


CASES: tuple[tuple[Payload, Translator], ...] = (
    (event(), _event),
    (event("app_mention"), _event),
    (event(thread_ts="1.5", text="go on", files=[{"id": "F", "size": 3, "user": EVIL}]), _event),
    (event(subtype="thread_broadcast", root={"user": EVIL, "text": "x", "ts": "1.5"}), _event),
    (changed("<@UBOT> a", "<@UBOT> b"), _event),
    (deleted(), _event),
    (event("agent_session_stopped", thread_ts="1.5"), lambda b: clicks.stopped(b, ME, ROOM)),
    (click("approve"), _click),
    (click("deny"), _click),
    (click("option:1", f"{REQUEST} 1"), _click),
    (form("deny", AT, "no"), lambda b: clicks.sent(b, ME, ROOM)),
    (form("ask", AT, "what?"), lambda b: clicks.sent(b, ME, ROOM)),
    (command("services"), lambda b: clicks.command(b, ME, ROOM)),
    (shortcut("disk full"), clicks.shortcut),
)


def breakages(seed: int, count: int) -> Iterator[tuple[Payload, Translator]]:
    """Payloads with one to four things in each missing, of another type, or of somebody else's."""
    chance = random.Random(seed)
    for number in range(count):
        whole, translate = CASES[number % len(CASES)]
        body = _with_others(copy.deepcopy(whole))
        for _ in range(chance.randint(1, 4)):
            _break(body, chance)
        yield body, translate


def check(body: Payload, translate: Translator) -> bool:
    """Translate it; whether it came to a message. Raises what the translator raises."""
    heard = translate(body)
    if not isinstance(heard, Inbound):
        return False
    assert EVIL not in heard.author.id
    assert not heard.author.bot
    assert heard.author.authenticated == heard.author.id.startswith("T1/")
    heard.text.encode("utf-8", "replace")
    return True


def _with_others(body: Payload) -> Payload:
    """Somebody else, wherever Slack names people who did not write it."""
    body["authorizations"] = [{"user_id": EVIL, "team_id": "T1"}]
    told = body.get("event")
    if isinstance(told, dict):
        told |= {"parent_user_id": EVIL, "inviter": EVIL, "edited_by": EVIL}
        told["reactions"] = [{"users": [EVIL]}]
        for name in ("message", "previous_message"):
            inner = told.get(name)
            if isinstance(inner, dict):
                inner |= {"parent_user_id": EVIL, "reply_users": [EVIL]}
    message = body.get("message")
    if isinstance(message, dict):
        message |= {"user": EVIL, "parent_user_id": EVIL}
    return body


def _break(body: Payload, chance: random.Random) -> None:
    place, key = chance.choice(list(_places(body)))
    match chance.randrange(3):
        case 0:
            del place[key]
        case 1:
            place[key] = copy.deepcopy(chance.choice(JUNK))
        case _:
            place[key] = {"by": EVIL, "text": place[key]}


def _places(value: Payload) -> Iterator[tuple[Payload, str]]:
    for key, inner in value.items():
        yield value, key
        if isinstance(inner, dict):
            yield from _places(inner)
        if isinstance(inner, list):
            for one in inner:
                if isinstance(one, dict):
                    yield from _places(one)
