"""Hands one mail over on an open connection. Guards the line between "not taken" and "may have been taken".

    MAIL ─► RCPT ─► DATA ─► 354 ─► may it leave? ═╪═ the mail with its final dot ─► answer
    ◄───── a loss here: not taken, try again ────►│◄── a loss here: unknown ──►

The line is one instruction: the mail and its final dot are written at once. Where the server takes commands in a row
(PIPELINING), MAIL, RCPT and DATA are one write and one wait; else it is asked before DATA too whether the mail may
leave. Asking after 354 costs a connection if the answer is no, since SMTP has no way back from there; asking before
DATA does not.
"""

from allstop.channels.adapter import LastLook, SendResult, SendState
from allstop.channels.email.outcomes import refused, settled, unknown
from allstop.channels.email.wire import NotOpen, Reply, Wire
from allstop.channels.email.writing import Mail

GO_AHEAD = 354
LEAST_BYTES_A_SECOND = 20_000  # that a line carries; a mail with files gets so much more time


class LostBefore(Exception):
    """The connection broke, or turned to nonsense, before the hand-over: the mail was not taken."""

    def __init__(self, words: str, at_first_word: bool = False) -> None:
        self.at_first_word = at_first_word  # closed when MAIL was said: it may have been closed long before
        super().__init__(words)


async def hand_over(
    wire: Wire, mail: Mail, ref: str, last_look: LastLook, seconds: float, answer_seconds: float
) -> SendResult:
    """Raises LostBefore. Afterwards the connection is either ready for the next mail or closed."""
    if mail.needs_utf8 and not wire.takes_utf8:
        return SendResult(
            state=SendState.REJECTED,
            permanent=True,
            code="allstop:no_smtputf8",
            text="this mail server does not carry addresses with such letters before the @",
        )
    refusal = await (_all_at_once if wire.pipelines else _step_by_step)(wire, mail, last_look, seconds)
    if refusal is not None:
        return refusal
    if (withdrawn := last_look()) is not None:
        wire.close()
        return withdrawn
    whole = dot_stuffed(mail.content, mail.files)
    try:
        answers = await wire.ask(whole, 1, answer_seconds + len(whole) / LEAST_BYTES_A_SECOND)  # the hand-over
    except NotOpen as loss:
        raise LostBefore(str(loss)) from loss
    if not answers:
        return unknown("no answer to the mail: the connection broke or the time was up", ref)
    [answer] = answers
    if answer.code in (0, 421):
        wire.close()
    return settled(answer.code, answer.words, ref)


def _commands(wire: Wire, mail: Mail) -> tuple[bytes, bytes, bytes]:
    """Their values were checked when the mail was written: no line break can be in them.

    The size is said of mails with files (RFC 1870): a server that does not take so much refuses before it is sent."""
    options = " SMTPUTF8" if mail.needs_utf8 else ""
    if mail.files and wire.takes_size:
        options += f" SIZE={len(mail.content) + len(mail.files)}"
    return f"MAIL FROM:<{mail.sender}>{options}\r\n".encode(), f"RCPT TO:<{mail.recipient}>\r\n".encode(), b"DATA\r\n"


async def _all_at_once(wire: Wire, mail: Mail, last_look: LastLook, seconds: float) -> SendResult | None:
    """None: the server waits for the mail."""
    answers = await _asked(wire, b"".join(_commands(wire, mail)), 3, seconds)
    refusal = _refusal(wire, answers[:2])
    if refusal is None and len(answers) < 3:
        raise LostBefore("the connection broke before the server asked for the mail", at_first_word=not answers)
    if refusal is None and answers[2].code == GO_AHEAD:
        return None
    if len(answers) < 3 or answers[2].code == GO_AHEAD:
        wire.close()  # it waits for a mail that must not come
    else:
        refusal = refusal or _refusal(wire, answers[2:], good=GO_AHEAD)
        await _reset(wire, seconds)
    return refusal


async def _step_by_step(wire: Wire, mail: Mail, last_look: LastLook, seconds: float) -> SendResult | None:
    sender, recipient, data = _commands(wire, mail)
    for command in (sender, recipient):
        answers = await _asked(wire, command, 1, seconds)
        if not answers:
            raise LostBefore("no answer to MAIL or RCPT", at_first_word=command is sender)
        if (refusal := _refusal(wire, answers)) is not None:
            await _reset(wire, seconds)
            return refusal
    if (withdrawn := last_look()) is not None:
        await _reset(wire, seconds)
        return withdrawn
    answers = await _asked(wire, data, 1, seconds)
    if not answers:
        raise LostBefore("no answer to DATA")
    if (refusal := _refusal(wire, answers, good=GO_AHEAD)) is not None:
        await _reset(wire, seconds)
        return refusal
    return None


async def _asked(wire: Wire, data: bytes, answers: int, seconds: float) -> list[Reply]:
    try:
        return await wire.ask(data, answers, seconds)
    except NotOpen as loss:
        raise LostBefore(str(loss), at_first_word=True) from loss


def _refusal(wire: Wire, answers: list[Reply], good: int = 0) -> SendResult | None:
    """Of the first answer that is none of success; `good`: the only one that is, where there is one."""
    for code, words in answers:
        if code == 0:
            wire.close()
            raise LostBefore(f"an answer that is not SMTP: {words}")
        if code == 421:
            wire.close()
        if code != good if good else code >= 300:
            return refused(code, words)
    return None


async def _reset(wire: Wire, seconds: float) -> None:
    """Clears the envelope; a server that will not is left, which changes nothing for the mail."""
    if not wire.is_open:
        return
    try:
        answers = await wire.ask(b"RSET\r\n", 1, seconds)
    except NotOpen:
        return
    if not answers or answers[0].code >= 300 or answers[0].code == 0:
        wire.close()


def dot_stuffed(content: bytes, files: bytes = b"") -> bytes:
    """As DATA wants it, final dot included. No line of `files` begins with a dot, nor does
    `content`, which begins with a header."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    stuffed = ended.replace(b"\r\n.", b"\r\n..") if b"\r\n." in ended else ended
    return b"".join((stuffed, files, b".\r\n"))
