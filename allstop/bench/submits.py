"""The ceiling of texts: bare submits over the same wire to the same SMSC, with no queue, no gate and no records.

python -m allstop.bench.submits PORT WINDOW SECONDS      prints how many were answered, and in how many seconds
"""

import asyncio
import sys
import time

import uvloop

from allstop.bench.load import BODY
from allstop.channels.adapter import Outbound
from allstop.channels.smpp.config import Encryption, LongTexts, SmppConfig
from allstop.channels.smpp.link import Link
from allstop.channels.smpp.writing import write_submits
from allstop.rules.words import Channel


async def submit(port: int, window: int, seconds: float) -> None:
    config = SmppConfig(host="127.0.0.1", system_id="bench", port=port, encryption=Encryption.NONE, window=window)
    link = await Link.open(config, lambda *_: None)
    answered = 0
    began = time.monotonic()
    until = began + seconds

    async def one_after_the_other(number: int) -> None:
        nonlocal answered
        while time.monotonic() < until:
            number += 1
            outbound = Outbound(
                account_id=1,
                message_id=number,
                attempt=1,
                channel=Channel.TEXT,
                to=f"+1212{number % 10_000_000:07d}",
                sender="",
                body=BODY,
                idempotency_key=str(number),
                message_ref=str(number),
            )
            await link.submit(write_submits(outbound, LongTexts.UDH, True), None)
            answered += 1

    await asyncio.gather(*(one_after_the_other(start * 1_000_000) for start in range(window)))
    print(answered, time.monotonic() - began, time.process_time(), flush=True)
    await link.close()


if __name__ == "__main__":
    uvloop.run(submit(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
