"""What hangs on a message: the text of small files, from Slack and from nowhere else."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from channels import attachments
from channels.slack.payloads import File

_PLATFORM = ("slack.com", "slack-edge.com", "slack-files.com")


class Files:
    """Fetches with the bot's token, which goes to the platform's own hosts only."""

    def __init__(self, token: str, url: str | None) -> None:
        self._token = token
        self._own = urlsplit(url).netloc if url else ""

    async def texts(self, files: Sequence[File]) -> tuple[str, ...]:
        """Each small text, fenced."""
        ours = [
            attachments.Attachment(
                name=file.name or file.id,
                size=file.size,
                url=file.url_private or "",
                kind=file.mimetype or "",
            )
            for file in files
            if self._is_the_platforms(file.url_private or "")
        ]
        return await attachments.texts(ours, {"Authorization": f"Bearer {self._token}"})

    def _is_the_platforms(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False  # no address at all
        if self._own:
            return parts.netloc == self._own
        known = any(host == one or host.endswith(f".{one}") for one in _PLATFORM)
        return parts.scheme == "https" and known
