"""The bot's mailbox, from the settings: servers, ways to log in, whom to believe."""

import hmac

from pydantic import SecretStr

from bot import secret_file
from bot.mail_urls import MailUrl, imap_url, smtp_url
from bot.settings import Settings
from channels.email.inbound import Account
from channels.email.oauth import AccessTokens, Client
from channels.email.settings import EmailSettings, Server, TokenOf


def email_settings(settings: Settings) -> EmailSettings:
    """How the mailbox is reached. The credentials are there, and checked."""
    told, table = settings.secrets, settings.email
    address, token = _text(told.email_address), _token(settings)
    team = (one.email.casefold() for one in settings.people.values() if one.email)
    return EmailSettings(
        imap=_server(imap_url(_text(told.imap_url)), address, token),
        smtp=_server(smtp_url(_text(told.smtp_url)), address, token),
        account=Account(
            addresses=(address,),
            mailbox=address.casefold(),
            authserv_id=table.authserv_id,
            team=frozenset(team),
        ),
        name=settings.bot.name.capitalize(),
        secret=_tokens_secret(settings) if table.plus_addressing else b"",
        inbox=table.inbox,
        done=table.done,
        failed=table.failed,
        sent=table.sent,
        backlog=table.backlog,
        largest=table.largest,
        per_hour=table.per_hour,
    )


def _server(url: MailUrl, address: str, token: TokenOf | None) -> Server:
    return Server(
        host=url.host,
        port=url.port,
        user=url.user or (address if token else ""),
        password=url.password,
        token=token,
        security=url.security,
    )


def _token(settings: Settings) -> TokenOf | None:
    told = settings.secrets
    if told.email_oauth_refresh_token is None:
        return None
    return AccessTokens(
        Client(
            id=_text(told.email_oauth_client_id),
            secret=_text(told.email_oauth_client_secret),
            refresh=_text(told.email_oauth_refresh_token),
            url=_text(told.email_oauth_token_url),
        )
    )


def _tokens_secret(settings: Settings) -> bytes:
    """What signs reply tokens: derived, so that a token tells nothing of the audit's key."""
    own = settings.secrets.watchkeeper_secret
    secret = own.get_secret_value() if own else None
    if secret is None and settings.embedded:
        secret = secret_file.made(settings.data_dir)
    return hmac.digest(secret.encode(), b"reply tokens of mail", "sha256") if secret else b""


def _text(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
