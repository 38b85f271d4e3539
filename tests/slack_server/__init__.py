"""A small Slack on the loopback: Web API and Socket Mode, people who act, faults on request.

`async with slack_server() as server:` gives a `SlackServer` that keeps everything that the app sent
and can be awaited; `AsyncWebClient(token=BOT_TOKEN, base_url=server.api_url)` talks to it.
"""

from tests.slack_server.delivery import Delivery
from tests.slack_server.faults import (
    Fault,
    delayed,
    failed,
    held,
    limited,
    lost_request,
    lost_response,
)
from tests.slack_server.journal import Call
from tests.slack_server.people import Person
from tests.slack_server.server import SlackServer, slack_server
from tests.slack_server.signed import Reply, sign
from tests.slack_server.things import Channel, File, Form, Message, User
from tests.slack_server.wire import (
    APP,
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    BOT_USER,
    COMMANDS,
    EVENTS,
    INTERACTIVE,
    SECRET,
    TEAM,
)

__all__ = [
    "APP",
    "APP_TOKEN",
    "BOT",
    "BOT_TOKEN",
    "BOT_USER",
    "COMMANDS",
    "EVENTS",
    "INTERACTIVE",
    "SECRET",
    "TEAM",
    "Call",
    "Channel",
    "Delivery",
    "Fault",
    "File",
    "Form",
    "Message",
    "Person",
    "Reply",
    "SlackServer",
    "User",
    "delayed",
    "failed",
    "held",
    "limited",
    "lost_request",
    "lost_response",
    "sign",
    "slack_server",
]
