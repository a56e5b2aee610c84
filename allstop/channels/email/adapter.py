"""The SMTP adapter: carries emails to one server over a pool of kept-open connections.

A connection that broke while it lay idle shows only with the next mail; that mail is tried on another one at
once, since nothing was handed over. Everything else is the worker's to repeat.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from weakref import WeakKeyDictionary

from allstop.channels.adapter import (
    Capabilities,
    Checked,
    Clock,
    EventSink,
    Files,
    LastLook,
    MayLeave,
    Outbound,
    SendResult,
    Status,
    Unsupported,
    nobody_objects,
    refuse_unsupported,
)
from allstop.channels.email.config import SmtpConfig
from allstop.channels.email.dkim import Signer
from allstop.channels.email.handover import LostBefore, hand_over
from allstop.channels.email.outcomes import lost_before
from allstop.channels.email.pool import Connection, NoWay, Pool
from allstop.channels.email.writing import Mail, Parts, write_files, write_mail
from allstop.channels.link_news import LinkNews
from allstop.channels.under_way import UnderWay
from allstop.rules.words import Channel


class SmtpAdapter:
    name = "smtp"

    def __init__(self, config: SmtpConfig, now: Clock) -> None:
        self.capabilities = Capabilities(
            channels=frozenset({Channel.EMAIL}), max_connections=config.max_connections, files=True
        )
        self._config = config
        self._now = now
        self._pool = Pool(config)
        self._signer = _signer_for(config)
        self._news = LinkNews(self.name, now)
        self._under_way = UnderWay()
        self._written: WeakKeyDictionary[Files, Parts] = WeakKeyDictionary()  # once for all mails that share them

    async def start(self, sink: EventSink) -> None:
        """Connects to nothing yet: the first mail opens the first connection."""
        self._news.tell(sink)

    async def send(self, outbound: Outbound, may_leave: MayLeave = nobody_objects) -> SendResult:
        refuse_unsupported(self.name, self.capabilities, outbound)
        now = self._now()
        parts = None if outbound.files is None else await self._parts(outbound.files)
        mail = write_mail(outbound, now, self._config.return_path, parts)
        if self._signer is not None:
            mail = replace(mail, content=self._signer.signed(mail.content, int(now.timestamp()), mail.files))
        last_look = self._under_way.last_look(outbound, may_leave, self._now)
        with self._under_way.one():
            return await self._send(mail, outbound.message_ref, last_look)

    async def _parts(self, files: Files) -> Parts:
        """Written on a thread: it takes a tenth of a second for ten megabytes."""
        known = self._written.get(files)
        if known is None:
            known = self._written[files] = await asyncio.to_thread(write_files, files)
        return known

    async def _send(self, mail: Mail, ref: str, last_look: LastLook) -> SendResult:
        while True:
            try:
                connection = await self._pool.take()
            except NoWay as no_way:
                await self._news.say(False, no_way.result.text)
                return no_way.result
            try:
                return await self._hand_over(connection, mail, ref, last_look)
            except LostBefore as loss:
                if connection.is_fresh or not loss.at_first_word:
                    return lost_before(str(loss))

    async def _hand_over(self, connection: Connection, mail: Mail, ref: str, last_look: LastLook) -> SendResult:
        try:
            await self._news.say(True)
            result = last_look()  # there may have been a long wait for the connection
            if result is None:
                limits = self._config.timeout_seconds, self._config.answer_seconds
                result = await hand_over(connection.wire, mail, ref, last_look, *limits)
        except BaseException:  # also when this task is cancelled half-way: nobody knows what the server waits for
            self._pool.drop(connection)
            raise
        self._pool.give_back(connection)
        return result

    async def check(self) -> Checked:
        try:
            self._pool.give_back(await self._pool.take())
        except NoWay as no_way:
            why = no_way.result
            return Checked(is_good=False, words=f"No mail can leave by {self._config.host}: {why.text} ({why.code}).")
        who = f" as {self._config.user}" if self._config.user else ""
        return Checked(is_good=True, words=f"Connected to {self._config.host}{who}.")

    async def query(self, ref: str) -> Status | None:
        raise Unsupported("SMTP cannot be asked what became of a mail.")

    async def cancel(self, ref: str) -> bool:
        raise Unsupported("A mail that was handed over cannot be taken back.")

    async def drain(self, timeout: timedelta) -> bool:
        return await self._under_way.drain(timeout)

    async def close(self) -> None:
        await self._under_way.drain(None)
        await self._pool.close()


def _signer_for(config: SmtpConfig) -> Signer | None:
    return Signer(config.dkim_domain, config.dkim_selector, config.dkim_key) if config.dkim_on else None
