"""The ceiling of emails: one ready-made mail, handed over again and again by the same wire code to the same mail
server, with no queue, no gate, no records, and nothing to write or to sign.

python -m allstop.bench.mail_submits PORT CONNECTIONS SECONDS     prints how many were taken, in which time, and the CPU
"""

import asyncio
import sys
import time
from datetime import UTC, datetime

import uvloop

from allstop.bench.load import BODY
from allstop.channels.adapter import Outbound, SendState
from allstop.channels.email.config import Encryption, SmtpConfig
from allstop.channels.email.handover import hand_over
from allstop.channels.email.pool import Pool
from allstop.channels.email.writing import write_mail
from allstop.rules.words import Channel


async def submit(port: int, connections: int, seconds: float) -> None:
    config = SmtpConfig(host="127.0.0.1", port=port, encryption=Encryption.NONE, max_connections=connections)
    pool = Pool(config)
    outbound = Outbound(
        account_id=1,
        message_id=1,
        attempt=1,
        channel=Channel.EMAIL,
        to="pat@patients.test",
        sender="desk@bench.test",
        sender_name="Bench",
        subject="Reminder",
        body=BODY,
        headers={"List-Unsubscribe": f"<https://bench.test/unsubscribe/{'x' * 40}>"},
        idempotency_key="1",
        message_ref="<1@bench.test>",
    )
    mail = write_mail(outbound, datetime.now(UTC))
    began = time.monotonic()
    until = began + seconds
    taken = 0

    async def one_after_the_other() -> None:
        nonlocal taken
        connection = await pool.take()
        while time.monotonic() < until:
            result = await hand_over(connection.wire, mail, "", lambda: None, 30, 30)
            if result.state is not SendState.ACCEPTED:
                raise RuntimeError(f"The mail server said {result.code} {result.text}.")
            taken += 1
        pool.drop(connection)

    await asyncio.gather(*(one_after_the_other() for _ in range(connections)))
    print(taken, time.monotonic() - began, time.process_time(), flush=True)


if __name__ == "__main__":
    uvloop.run(submit(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
