"""`init slack`, in the order of Slack's own pages."""

from collections.abc import Sequence

from bot.cli.meeting import Guide
from channels.port import Connected

STEPS = """\
1. Open https://api.slack.com/apps, press "Create New App", then "From a manifest", choose your
   workspace, and paste deploy/slack-manifest.yaml (`watchkeeper init slack --manifest` prints it).
2. "Install App": install it to the workspace, and copy the Bot User OAuth Token (xoxb-...).
3. "Basic Information", "App-Level Tokens": generate one with the scope connections:write, and copy
   it (xapp-...)."""


def _joined(_connected: Connected) -> Sequence[str]:
    return ()


def _known(connected: Connected) -> Sequence[str]:
    return (f"5. In each channel where it is to be: /invite {connected.name}",)


SLACK = Guide(
    channel="slack",
    title="Slack",
    steps=STEPS,
    asked={
        "SLACK_BOT_TOKEN": "Bot User OAuth Token (xoxb-...)",
        "SLACK_APP_TOKEN": "App-Level Token (xapp-...)",
    },
    joined=_joined,
    known=_known,
)
