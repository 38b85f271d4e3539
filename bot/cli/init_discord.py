"""`init discord`, in the order of Discord's own pages."""

from collections.abc import Sequence

from bot.cli.meeting import Guide
from channels.port import Connected

STEPS = """\
1. Open https://discord.com/developers/applications and press "New Application".
2. "Bot": switch on "Message Content Intent" (without it I hear mentions and direct messages only),
   press "Reset Token", and copy the token."""


def _joined(connected: Connected) -> Sequence[str]:
    return (f"3. Invite it to your server, with just what it needs: {connected.invite}",)


def _known(_connected: Connected) -> Sequence[str]:
    return ("5. Mention it in a channel: it answers in a thread, and stays in it.",)


DISCORD = Guide(
    channel="discord",
    title="Discord",
    steps=STEPS,
    asked={"DISCORD_BOT_TOKEN": "Bot token"},
    joined=_joined,
    known=_known,
)
