"""Payloads in the shape of Slack's, as small as they can be, for its translators."""

from channels.slack.names import Me, Place

ME = Me(team="T1", user="UBOT", bot="B1", name="watchkeeper")
ROOM = Place(direct=False)
DIRECT = Place(direct=True)
REQUEST = "abcdefghijkl-1"

Payload = dict[str, object]


def event(kind: str = "message", *, shared: bool = False, **fields: object) -> Payload:
    """An `event_callback` around an event in C1 by U1."""
    told: Payload = {
        "type": kind,
        "channel": "C1",
        "channel_type": "channel",
        "user": "U1",
        "team": "T1",
        "text": "<@UBOT> restart api",
        "ts": "1700000000.000100",
        "event_ts": "1700000000.000100",
    }
    return {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "is_ext_shared_channel": shared,
        "event": told | fields,
    }


def changed(text: str, before: str, *, by: str = "U1", ts: str = "1700000000.000100") -> Payload:
    """A message that was edited."""
    now: Payload = {"type": "message", "user": by, "team": "T1", "text": text, "ts": ts}
    now |= {"edited": {"user": by, "ts": "1700000009.000000"}}
    old = {"type": "message", "user": by, "team": "T1", "text": before, "ts": ts}
    return event(subtype="message_changed", user=None, text=None, message=now, previous_message=old)


def deleted(*, by: str = "U1", ts: str = "1700000000.000100") -> Payload:
    """A message that was taken back."""
    old = {"type": "message", "user": by, "team": "T1", "text": "never mind", "ts": ts}
    return event(subtype="message_deleted", user=None, deleted_ts=ts, previous_message=old)


def click(action: str, value: str = REQUEST, *, by: str = "U2", team: str = "T1") -> Payload:
    """A button on a card in a conversation."""
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": by, "team_id": team},
        "channel": {"id": "C1", "name": "ops"},
        "message": {"ts": "1700000001.000000", "thread_ts": "1700000000.000100", "user": "UBOT"},
        "trigger_id": "trigger",
        "actions": [{"action_id": action, "value": value, "action_ts": "1700000002.000000"}],
    }


def form(callback: str, metadata: str, typed: str, *, by: str = "U2") -> Payload:
    """A form that was sent."""
    return {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": {"id": by, "team_id": "T1"},
        "view": {
            "id": "V1",
            "callback_id": callback,
            "private_metadata": metadata,
            "state": {"values": {"typed": {"typed": {"type": "x", "value": typed}}}},
        },
    }


def command(text: str) -> Payload:
    """`/watchkeeper TEXT`."""
    return {
        "command": "/watchkeeper",
        "text": text,
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "trigger_id": "trigger",
    }


def shortcut(text: str) -> Payload:
    """The shortcut on a message of somebody else."""
    return {
        "type": "message_action",
        "callback_id": "ask",
        "trigger_id": "trigger",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "channel": {"id": "C1"},
        "message": {"user": "U9", "text": text, "ts": "1700000000.000100"},
    }
