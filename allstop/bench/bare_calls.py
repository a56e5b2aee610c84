"""The ceiling of calls: python -m allstop.bench.bare_calls PORT CALLS SECONDS. The SIP stack and nothing else: no
queue, no gate, no book. It dials all at once, plays as much sound, hangs up, and prints one line of JSON.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass

from baresip import Account, AudioNotActive, Call, Config, Runtime, UserAgent

from allstop.channels.sip.slack import slack_for_threads

AHEAD = 0.5  # seconds between two looks at a buffer
ANSWERED_WITHIN = 30.0  # seconds


@dataclass(slots=True)
class Sums:
    answered: int = 0
    starved: int = 0
    up: float = 0.0  # seconds, of all calls together


async def call(agent: UserAgent, uri: str, sound: bytes, one_at_a_time: asyncio.Lock, sums: Sums) -> None:
    made = await agent.dial(uri)
    began = time.monotonic()
    if not await has_media(made):
        print("A call was not answered.", file=sys.stderr)
        return
    sums.answered += 1
    at = 0
    silent: int | None = None
    while at < len(sound):
        now = made.audio.stats().tx_silence_frames
        sums.starved += 0 if silent is None else now - silent
        at += made.audio.write(sound[at:])
        silent = made.audio.stats().tx_silence_frames
        await asyncio.sleep(AHEAD)
    while made.audio.info().tx_buffered:
        await asyncio.sleep(0.02)
    sums.starved += made.audio.stats().tx_starved_frames
    async with one_at_a_time:
        await made.hangup()
    sums.up += time.monotonic() - began


async def has_media(made: Call) -> bool:
    """Not wait_established(): what happened before dial() returned, it never hears of."""
    give_up_at = time.monotonic() + ANSWERED_WITHIN
    while time.monotonic() < give_up_at:
        try:
            if made.audio.info().tx_ready:
                return True
        except AudioNotActive:
            pass
        await asyncio.sleep(0.02)
    return False


async def run(port: int, calls: int, seconds: float) -> None:
    runtime = Runtime()
    config = Config(net_interface="127.0.0.1", max_concurrent_calls=None, native_log_level="error")
    with slack_for_threads():  # as ours has it
        await runtime.start(config)
    account = Account(user="bare", domain="127.0.0.1", password="", reg_interval=0, audio_codecs=("pcmu",))
    agent = await UserAgent.create(runtime, account)
    sums = Sums()
    sound = bytes(range(160)) * 2 * int(seconds * 50)  # whole frames
    began, used = time.monotonic(), time.process_time()
    hanging_up = asyncio.Lock()  # as ours does
    uris = [f"sip:{number}@127.0.0.1:{port}" for number in range(calls)]
    await asyncio.gather(*(call(agent, uri, sound, hanging_up, sums) for uri in uris))
    told = {
        "answered": sums.answered,
        "starved": sums.starved,
        "up": sums.up,
        "seconds": time.monotonic() - began,
        "cpu": time.process_time() - used,
    }
    print(json.dumps(told), flush=True)
    await asyncio.sleep(0.5)
    await runtime.close()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
