"""What hangs on a message: the text of small files, from Discord and from nowhere else."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from channels import attachments
from channels.discord.payloads import Attached

_PLATFORM = frozenset({"cdn.discordapp.com", "media.discordapp.net"})


class Files:
    """Fetches without a token: the address of an attachment is all that is needed.

    api_url: of another server than Discord's, whose attachments are read too; "" for none.
    """

    def __init__(self, api_url: str) -> None:
        self._own = urlsplit(api_url).netloc

    async def texts(self, files: Sequence[Attached]) -> tuple[str, ...]:
        """Each small text, fenced."""
        return await attachments.texts(
            [
                attachments.Attachment(name=one.name, size=one.size, url=one.url, kind=one.kind)
                for one in files
                if self._is_the_platforms(one.url)
            ]
        )

    def _is_the_platforms(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._own:
            return parts.netloc == self._own
        return parts.scheme == "https" and parts.hostname in _PLATFORM
