"""Files: how the app sends them, and how it gets those of others."""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tests.slack_server import payloads
from tests.slack_server.chat import written
from tests.slack_server.things import File, Message, User
from tests.slack_server.web_api import Method, bearer
from tests.slack_server.wire import BOT, BOT_USER, Payload, Refused, parsed, text_of
from tests.slack_server.world import World


@dataclass(frozen=True)
class Download:
    """Somebody asked for a file with this token."""

    file: File | None
    token: str


class Uploads:
    """The files' methods and addresses. downloads: what was asked for, oldest first."""

    def __init__(self, world: World, may_read: Callable[[str], bool]) -> None:
        self.downloads: list[Download] = []
        self._world = world
        self._may_read = may_read

    def methods(self) -> dict[str, Method]:
        """The methods, by name."""
        return {
            "files.getUploadURLExternal": self._begin,
            "files.completeUploadExternal": self._complete,
        }

    def add(self, user: User, name: str, data: bytes, mimetype: str = "") -> File:
        """Somebody has a file."""
        file = File(
            id=self._world.clock.name("F"),
            name=name,
            title=name,
            mimetype=mimetype or mimetypes.guess_type(name)[0] or "text/plain",
            data=data,
            user=user.id,
        )
        self._world.files[file.id] = file
        return file

    async def receive(self, request: web.Request) -> web.Response:
        """The bytes of a file that the app sends."""
        file = self._world.files.get(request.match_info["file"])
        if file is None or file.is_uploaded:
            return web.Response(status=404, text="not found")
        if request.content_type.startswith("multipart/"):
            parts = (await request.post()).values()
            fields = [part for part in parts if isinstance(part, web.FileField)]
            data = fields[0].file.read() if fields else b""
        else:
            data = await request.read()
        if len(data) != len(file.data):
            return web.Response(status=400, text="length mismatch")
        file.data, file.is_uploaded = data, True
        return web.Response(text=f"OK - {len(data)}")

    async def send(self, request: web.Request) -> web.Response:
        """The bytes of a file, to whoever has the bot's token; a page for others, as Slack does."""
        file, token = self._world.files.get(request.match_info["file"]), bearer(request)
        self.downloads.append(Download(file, token))
        self._world.journal.tell()
        if file is None:
            return web.Response(status=404)
        if not self._may_read(token):
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        return web.Response(body=file.data, content_type=file.mimetype)

    def _begin(self, args: Payload) -> Payload:
        name, length = text_of(args, "filename"), text_of(args, "length")
        if not name or not length.isdecimal() or int(length) == 0:
            raise Refused("invalid_arguments")
        file = self.add(self._world.bot, name, bytes(int(length)))
        file.is_uploaded = False
        return {"file_id": file.id, "upload_url": f"{self._world.origin}/upload/{file.id}"}

    def _complete(self, args: Payload) -> Payload:
        files = [self._complete_one(item) for item in parsed(args, "files") or ()]
        if not files:
            raise Refused("invalid_arguments")
        if channel := text_of(args, "channel_id"):
            self._world.put(self._message(channel, files, args))
        return {"files": [payloads.file(file, self._world.origin) for file in files]}

    def _complete_one(self, item: Payload) -> File:
        file = self._world.files.get(text_of(item, "id"))
        if file is None or not file.is_uploaded:
            raise Refused("file_not_found")
        file.title = text_of(item, "title") or file.name
        return file

    def _message(self, name: str, files: list[File], args: Payload) -> Message:
        channel = self._world.joined(name)
        comment, blocks = text_of(args, "initial_comment"), parsed(args, "blocks")
        if comment or blocks:
            message = written(self._world, channel, {**args, "text": comment})
        else:
            thread = text_of(args, "thread_ts")
            if thread and thread not in channel.messages:
                raise Refused("thread_not_found")
            message = Message(
                channel=name, ts=self._world.clock.ts(), user=BOT_USER, bot_id=BOT, text=""
            )
            message.thread_ts = channel.messages[thread].root if thread else ""
        message.files = files
        return message
