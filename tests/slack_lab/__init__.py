"""A Slack on the loopback: the Web API and Socket Mode, for the real slack-bolt and slack_sdk.

`SlackServer` is what tests use: rooms and people to make, things that people do, what the app did,
and what goes wrong on the way.
"""

from tests.slack_lab.server import SlackServer, slack_server
from tests.slack_lab.world import Room, Said

__all__ = ["Room", "Said", "SlackServer", "slack_server"]
