"""The least that slack-bolt can do with a mention: an echo in its thread."""

import asyncio
import os

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main() -> None:
    """Echo until killed."""
    client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(client=client, signing_secret="none")

    async def echo(event: dict[str, str], say: object) -> None:
        await say(text=event["text"], thread_ts=event["ts"])  # type: ignore[operator]

    app.event("app_mention")(echo)
    app.event("message")(_ignore)
    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    await handler.client.connect()  # type: ignore[no-untyped-call]
    print("slack: connected as @watchkeeper", flush=True)
    await asyncio.Event().wait()


async def _ignore() -> None:
    """The same mention, told a second time."""


if __name__ == "__main__":
    asyncio.run(main())
