"""The far end of measured calls: python -m allstop.bench.callee PORT. Answers every call and says nothing.

The same SIP stack as ours, in a process of its own: a measurement needs no further program.
"""

import asyncio
import signal
import sys

from baresip import Account, BaresipError, Call, Config, Runtime, UserAgent


async def run(port: int) -> None:
    runtime = Runtime()
    listen = f"sip_listen 127.0.0.1:{port}"
    await runtime.start(
        Config(net_interface="127.0.0.1", max_concurrent_calls=None, extra_config_text=listen, native_log_level="error")
    )
    account = Account(
        user="anybody",
        domain="127.0.0.1",
        password="",
        reg_interval=0,
        audio_codecs=("pcmu",),
        extra_params=("catchall=yes",),
    )
    agent = await UserAgent.create(runtime, account)
    answering: set[asyncio.Task[None]] = set()

    async def answer(call: Call) -> None:
        try:
            await call.answer()
        except BaresipError as gone:
            print(f"A caller had hung up: {gone}", file=sys.stderr)

    def pick_up(call: Call) -> None:
        task = asyncio.create_task(answer(call))
        answering.add(task)
        task.add_done_callback(answering.discard)

    agent.on_incoming(pick_up)
    told_to_end = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), told_to_end.set)
    print("ready", flush=True)
    await told_to_end.wait()
    await runtime.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(run(int(sys.argv[2])))
