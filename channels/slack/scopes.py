"""What the app needs to be allowed, and what is missing. Pure."""

from collections.abc import Iterable

SCOPES: dict[str, str] = {
    "app_mentions:read": "hear when it is mentioned",
    "assistant:write": "show that it is at work",
    "channels:history": "read on in public channels",
    "channels:read": "know its public channels",
    "chat:write": "answer",
    "commands": "take /watchkeeper",
    "files:read": "read small files",
    "files:write": "send long output as a file",
    "groups:history": "read on in private channels",
    "groups:read": "know its private channels",
    "im:history": "be talked to directly",
    "im:read": "know its direct messages",
    "im:write": "ask somebody in private",
    "mpim:history": "read on in group messages",
    "mpim:read": "know its group messages",
}
"""Each scope of the bot token, and what it is for."""

EVENTS = (
    "agent_session_stopped",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
)
"""The events that the app has to subscribe to."""

_MANIFEST = """\
display_information:
  name: Watchkeeper
  description: Stands watch with your team. Nothing runs that nobody may approve.
features:
  app_home:
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: watchkeeper
    always_online: true
  agent_view:
    agent_description: Looks after your services with you.
  shortcuts:
    - name: Ask Watchkeeper
      type: message
      callback_id: ask
      description: Ask about this message
  slash_commands:
    - command: /watchkeeper
      description: Say something to Watchkeeper
      usage_hint: help
      should_escape: true
oauth_config:
  scopes:
    bot:
{scopes}
settings:
  event_subscriptions:
    bot_events:
{events}
  interactivity:
    is_enabled: true
  org_deploy_enabled: false
  socket_mode_enabled: true
  token_rotation_enabled: false"""


def slack_manifest() -> str:
    """The app as Slack takes it, "From a manifest" (YAML, without a newline at the end)."""
    return _MANIFEST.format(
        scopes="\n".join(f"      - {scope}" for scope in SCOPES),
        events="\n".join(f"      - {event}" for event in EVENTS),
    )


def missing(granted: str) -> tuple[str, ...]:
    """A line for each scope that is not in Slack's `X-OAuth-Scopes`; none for an empty one."""
    has = {one.strip() for one in granted.split(",") if one.strip()}
    lacking = (scope for scope in SCOPES if has and scope not in has)
    return tuple(
        f"the scope {scope} is missing, so it can not {SCOPES[scope]}: add it under OAuth &"
        " Permissions and reinstall the app"
        for scope in lacking
    )


def wrong_kind(bot_token: str, app_token: str) -> Iterable[str]:
    """A line for each token that is of another kind than where it stands."""
    if not bot_token.startswith("xoxb-"):
        yield "SLACK_BOT_TOKEN has to begin with xoxb- (OAuth & Permissions, Bot User OAuth Token)"
    if app_token and not app_token.startswith("xapp-"):
        yield "SLACK_APP_TOKEN has to begin with xapp- (Basic Information, App-Level Tokens)"
