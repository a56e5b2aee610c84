"""Files that are attached to mails, in a mailbox or folder of their own.

A mail leaves the folder when all its files are done with, or at once when it brings none from anybody who may. The
sender of a mail can be forged, so a word in the subject may be asked for that only the sender knows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from allstop.channels.email.imap import Imap, MailboxFault, open_mailbox
from allstop.channels.email.incoming import Incoming, read_mail
from allstop.channels.feeds.config import AttachmentConfig
from allstop.channels.feeds.place import Entry, PlaceFault, plain

MOST_MAILS = 100  # that are looked at in one look
FOLDER = "Allstop {}"  # done, failed or other
OTHER = "other"  # where mails go that bring no file


@contextmanager
def open_attachments(config: AttachmentConfig) -> Iterator["Attachments"]:
    """Raises PlaceFault."""
    with _in_words():
        imap = open_mailbox(config.mailbox(), readonly=False)
    with imap:
        yield Attachments(imap, config)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except MailboxFault as fault:
        raise PlaceFault(f"The mailbox cannot be used: {str(fault) or 'it did not answer'}.") from fault


@dataclass(slots=True)
class _Mail:
    uid: int
    left: set[str]  # names of its files that are not done with


class Attachments:
    grows = False

    def __init__(self, imap: Imap, config: AttachmentConfig) -> None:
        self._imap = imap
        self._config = config
        self._files: dict[str, bytes] = {}
        self._mail_of: dict[str, _Mail] = {}

    def test(self) -> None:
        with _in_words():
            self._imap.waiting()

    def files(self) -> list[Entry]:
        with _in_words():
            return self._listed()

    def _listed(self) -> list[Entry]:
        entries: list[Entry] = []
        self._files, self._mail_of = {}, {}
        for fetched in self._imap.mails(self._imap.waiting()[:MOST_MAILS]):
            incoming = read_mail(fetched.raw)
            files = incoming.files if fetched.is_whole and self._may(incoming) else ()
            if not files:
                self._imap.move(fetched.uid, FOLDER.format(OTHER))
                continue
            mail = _Mail(fetched.uid, set())
            for number, file in enumerate(files, start=1):
                name = plain(f"{fetched.uid}-{number}-{file.name.replace('/', '_')}")
                mail.left.add(name)
                self._files[name], self._mail_of[name] = file.content, mail
                entries.append(Entry(name, len(file.content), float(fetched.uid)))  # mails are read in their order
        return entries

    def read(self, name: str, most: int) -> bytes | None:
        content = self._files.get(name)
        return None if content is None else content[: most + 1]

    def move(self, name: str, folder: str, as_name: str) -> bool:
        mail = self._mail_of[name]
        mail.left.discard(name)
        if mail.left:
            return False
        with _in_words():
            self._imap.move(mail.uid, FOLDER.format(folder))
        return True

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Nobody is answered: the page of the feed shows what became of it."""

    def _may(self, mail: Incoming) -> bool:
        sender, word = mail.sender.lower(), self._config.subject_word.strip().casefold()
        is_known = any(sender == one or (one[0] == "@" and sender.endswith(one)) for one in self._config.allowed())
        return is_known and (not word or word in mail.subject.casefold())
