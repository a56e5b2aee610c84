"""The ceiling of calls: python -m allstop.bench.bare_calls PORT CALLS SECONDS. The SIP stack and nothing else: no
queue, no gate, no book. It dials all at once, plays as much sound, hangs up, and prints one line of JSON.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass

from baresip import Account, AudioNotActive, BaresipError, Config, Runtime, UserAgent

AHEAD = 0.5  # seconds between two looks at a buffer


@dataclass(slots=True)
class Sums:
    answered: int = 0
    starved: int = 0
    up: float = 0.0  # seconds, of all calls together


async def call(agent: UserAgent, port: int, number: int, sound: bytes, sums: Sums) -> None:
    try:
        made = await agent.dial(f"sip:{number}@127.0.0.1:{port}")
        await made.wait_established(timeout=30)
    except BaresipError as failed:
        print(failed, file=sys.stderr)
        return
    sums.answered += 1
    began = time.monotonic()
    for _ in range(150):
        try:
            if made.audio.info().tx_ready:
                break
        except AudioNotActive:
            pass
        await asyncio.sleep(0.02)
    at = 0
    while at < len(sound):
        at += made.audio.write(sound[at:])
        await asyncio.sleep(AHEAD)
    while made.audio.info().tx_buffered:
        await asyncio.sleep(0.02)
    sums.starved += max(0, made.audio.stats().tx_starved_frames - 1)  # the last frame is seldom full
    await made.hangup()
    sums.up += time.monotonic() - began


async def run(port: int, calls: int, seconds: float) -> None:
    runtime = Runtime()
    await runtime.start(Config(net_interface="127.0.0.1", max_concurrent_calls=None, native_log_level="error"))
    account = Account(user="bare", domain="127.0.0.1", password="", reg_interval=0, audio_codecs=("pcmu",))
    agent = await UserAgent.create(runtime, account)
    sums = Sums()
    sound = bytes(range(256)) * int(seconds * 16_000 / 256)
    began, used = time.monotonic(), time.process_time()
    await asyncio.gather(*(call(agent, port, number, sound, sums) for number in range(calls)))
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
