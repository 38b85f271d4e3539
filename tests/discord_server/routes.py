"""The names of the routes, as faults are scripted for them and calls are awaited by them."""

ME = "GET /users/@me"
USER = "GET /users/{user}"
MY_GUILDS = "GET /users/@me/guilds"
APPLICATION = "GET /applications/@me"
OAUTH_APPLICATION = "GET /oauth2/applications/@me"
GATEWAY = "GET /gateway"
GATEWAY_BOT = "GET /gateway/bot"
OPEN_DM = "POST /users/@me/channels"

GUILD = "GET /guilds/{guild}"
GUILD_CHANNELS = "GET /guilds/{guild}/channels"
GUILD_ROLES = "GET /guilds/{guild}/roles"
MEMBERS = "GET /guilds/{guild}/members"
MEMBER = "GET /guilds/{guild}/members/{user}"
ACTIVE_THREADS = "GET /guilds/{guild}/threads/active"

COMMANDS = "GET /applications/{application}/commands"
PUT_COMMANDS = "PUT /applications/{application}/commands"
GUILD_COMMANDS = "GET /applications/{application}/guilds/{guild}/commands"
PUT_GUILD_COMMANDS = "PUT /applications/{application}/guilds/{guild}/commands"

CHANNEL = "GET /channels/{channel}"
EDIT_CHANNEL = "PATCH /channels/{channel}"
TYPING = "POST /channels/{channel}/typing"
HISTORY = "GET /channels/{channel}/messages"
POST_MESSAGE = "POST /channels/{channel}/messages"
GET_MESSAGE = "GET /channels/{channel}/messages/{message}"
EDIT_MESSAGE = "PATCH /channels/{channel}/messages/{message}"
DELETE_MESSAGE = "DELETE /channels/{channel}/messages/{message}"
REACT = "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me"
UNREACT = "DELETE /channels/{channel}/messages/{message}/reactions/{emoji}/@me"
THREAD_ON_MESSAGE = "POST /channels/{channel}/messages/{message}/threads"
THREAD = "POST /channels/{channel}/threads"
JOIN_THREAD = "PUT /channels/{channel}/thread-members/@me"
LEAVE_THREAD = "DELETE /channels/{channel}/thread-members/@me"

CALLBACK = "POST /interactions/{interaction}/{token}/callback"
FOLLOW_UP = "POST /webhooks/{application}/{token}"
GET_FOLLOW_UP = "GET /webhooks/{application}/{token}/messages/{message}"
EDIT_FOLLOW_UP = "PATCH /webhooks/{application}/{token}/messages/{message}"
DELETE_FOLLOW_UP = "DELETE /webhooks/{application}/{token}/messages/{message}"

DOWNLOAD = "GET /attachments/{channel}/{attachment}/{name}"

WITHOUT_TOKEN = {
    CALLBACK,
    FOLLOW_UP,
    GET_FOLLOW_UP,
    EDIT_FOLLOW_UP,
    DELETE_FOLLOW_UP,
    DOWNLOAD,
    GATEWAY,
}
"""Routes that are called without the bot's token."""

WITHOUT_LIMIT = {CALLBACK, DOWNLOAD}
"""Routes that the global limit leaves alone."""
