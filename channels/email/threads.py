"""What is remembered of mails that may be answered, or that ours may be answered with."""

from collections import OrderedDict

from channels.email.outbound import Answered
from channels.email.parsing import Mail

MOST = 2_000
_SAID = 2_000


class Threads:
    """The newest mails by their id. A help only: what is not here is looked up in the mailbox."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Answered] = OrderedDict()
        self._sent: OrderedDict[str, str] = OrderedDict()

    def heard(self, thread: str, mail: Mail, said: str) -> None:
        """A mail was taken in, which `Address.thread` names so."""
        self._known[thread] = answered(mail, said)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def sent(self, message_id: str, text: str) -> None:
        """A mail of ours went out."""
        self._sent[message_id] = text
        while len(self._sent) > MOST:
            self._sent.popitem(last=False)

    def find(self, thread: str) -> Answered | None:
        """What is to be answered there."""
        return self._known.get(thread)

    def texts(self, mail: Mail) -> tuple[str, ...]:
        """Texts of ours that the mail may quote."""
        chain = dict.fromkeys((*mail.in_reply_to, *mail.references))
        return tuple(self._sent[one] for one in chain if one in self._sent)


def answered(mail: Mail, said: str = "") -> Answered:
    """What an answer needs of a mail."""
    return Answered(
        message_id=mail.message_id,
        by=mail.sender.address if mail.sender else "",
        references=mail.references or mail.in_reply_to,
        subject=mail.subject,
        said=said[:_SAID],
    )
