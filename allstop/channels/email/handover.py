"""Hands one mail over on an open connection. Guards the line between "not taken" and "may have been taken".

    MAIL ─► RCPT ─► may it leave? ─► DATA ─► 354 ─► may it leave? ═╪═ the mail with its final dot ─► answer
    ◄──────── a loss here: not taken, safe to try again ──────────►│◄── a loss here: unknown ──►

The line is one instruction: the mail and its final dot are written at once. The library's sendmail() cannot
tell the two sides apart (both raise SMTPServerDisconnected), so the commands are driven one by one. Asking
after 354 costs a connection if the answer is no, since SMTP has no way back from there; asking before DATA
does not.
"""

from collections.abc import Callable

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected

from allstop.channels.adapter import SendResult, SendState
from allstop.channels.email.outcomes import refused, settled, unknown
from allstop.channels.email.writing import Mail

LastLook = Callable[[], SendResult | None]  # None: go ahead


class LostBefore(Exception):
    """The connection broke, or turned to nonsense, before the hand-over: the mail was not taken."""

    def __init__(self, words: str, at_first_word: bool = False) -> None:
        self.at_first_word = at_first_word  # closed when MAIL was said: it may have been closed long before
        super().__init__(words)


async def hand_over(client: SMTP, mail: Mail, ref: str, last_look: LastLook, answer_seconds: float) -> SendResult:
    """Raises LostBefore. Afterwards the client is either ready for the next mail or closed."""
    try:
        refusal = await _open_envelope(client, mail, last_look)
    except (SMTPException, OSError) as loss:
        raise LostBefore(str(loss)) from loss
    if refusal is not None:
        return refusal
    protocol = client.protocol
    if protocol is None:
        raise LostBefore("the connection was closed after 354")
    if (withdrawn := last_look()) is not None:
        client.close()
        return withdrawn
    try:
        protocol.write(dot_stuffed(mail.content))  # the hand-over. It raises only if nothing was written
    except SMTPServerDisconnected as loss:
        raise LostBefore(str(loss)) from loss
    try:
        answer = await protocol.read_response(timeout=answer_seconds)
    except (SMTPException, OSError) as loss:
        client.close()
        return unknown(f"no answer to the mail: {loss}", ref)
    if answer.code == 421:
        client.close()
    return settled(answer.code, answer.message, ref)


async def _open_envelope(client: SMTP, mail: Mail, last_look: LastLook) -> SendResult | None:
    """None: the server waits for the mail."""
    encoding = "utf-8" if mail.needs_utf8 else "ascii"
    if mail.needs_utf8 and not client.supports_extension("smtputf8"):
        return SendResult(
            state=SendState.REJECTED,
            permanent=True,
            code="allstop:no_smtputf8",
            text="this mail server does not carry addresses with such letters before the @",
        )
    try:
        try:
            await client.mail(mail.sender, options=["SMTPUTF8"] if mail.needs_utf8 else [], encoding=encoding)
        except SMTPServerDisconnected as loss:
            raise LostBefore(str(loss), at_first_word=True) from loss
        await client.rcpt(mail.recipient, encoding=encoding)
        if (withdrawn := last_look()) is not None:
            await _reset(client)
            return withdrawn
        answer = await client.execute_command(b"DATA")
    except SMTPResponseException as refusal:
        if refusal.code < 100:  # the library's mark for an answer that is not SMTP
            client.close()
            raise
        await _reset(client)
        return refused(refusal.code, refusal.message)
    if answer.code != 354:
        await _reset(client)
        return refused(answer.code, answer.message)
    return None


async def _reset(client: SMTP) -> None:
    """Clears the envelope; a server that will not is left, which changes nothing for the mail."""
    if not client.is_connected:  # 421 closed it
        return
    try:
        await client.rset()
    except (SMTPException, OSError):
        client.close()


def dot_stuffed(content: bytes) -> bytes:
    """As DATA wants it, final dot included. `content` begins with a header, so not with a dot."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return ended.replace(b"\r\n.", b"\r\n..") + b".\r\n"
