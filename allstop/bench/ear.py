"""What the called hear: every frame of every call arrives at this one port, and each is sent back, since a callee is
never silent for the network. python -m allstop.bench.ear

The kernel notes when a packet came, which on loopback is when it was sent: how busy this process is changes nothing.
It prints its port; for each line on its standard input, what it has heard since the last; it ends when its input does.
"""

import json
import select
import socket
import struct
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

FRAME = 20_000_000  # nanoseconds
A_SECOND = 50  # frames
PERCENTILE = 0.99
LATE = (20.0, 60.0)  # milliseconds: one frame; what a telephone's buffer usually bridges
SPEECH = (0, 8)  # payload types: PCMU, PCMA
STAMPED = getattr(socket, "SO_TIMESTAMPNS", 35)
WAITING = 16_000_000  # bytes, where the kernel lets us

Packet = tuple[int, bytes]  # nanoseconds, the head of RTP


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    streams: int  # calls with sound
    at_once: int  # of them
    frames: int
    expected: int  # one each 20 ms from a stream's first to its last
    unseen: int  # that this process was too busy to take
    late_p50_ms: float  # behind the stream's grid of 20 ms, as its last second had it
    late_p99_ms: float
    late_max_ms: float
    later_than_20_ms: int
    later_than_60_ms: int


def judge(packets: list[Packet]) -> Heard:
    """In whatever order they came."""
    streams: dict[int, list[tuple[int, int]]] = {}
    for at, head in packets:
        _, kind, number, _, source = struct.unpack("!BBHII", head)
        if kind & 0x7F in SPEECH:
            streams.setdefault(source, []).append((at, number))
    late: list[float] = []
    expected = unseen = 0
    for stream in streams.values():
        stream.sort()
        expected += round((stream[-1][0] - stream[0][0]) / FRAME) + 1
        placed = list(_placed(stream))
        unseen += placed[-1][1] + 1 - len(placed)
        late += _behind([at - place * FRAME for at, place in placed])
    late.sort()
    return Heard(
        streams=len(streams),
        at_once=_at_once([(stream[0][0], stream[-1][0]) for stream in streams.values()]),
        frames=len(late),
        expected=expected,
        unseen=unseen,
        late_p50_ms=_share(late, 0.5),
        late_p99_ms=_share(late, PERCENTILE),
        late_max_ms=_share(late, 1.0),
        later_than_20_ms=sum(one > LATE[0] for one in late),
        later_than_60_ms=sum(one > LATE[1] for one in late),
    )


def _placed(stream: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Each frame with its place in the stream: the numbers have 16 bits, and begin anywhere."""
    place, before = 0, stream[0][1]
    for at, number in stream:
        place += (number - before + 0x8000) % 0x10000 - 0x8000
        before = number
        yield at, place


def _behind(shifts: list[int]) -> Iterator[float]:
    """Milliseconds of each frame behind the most punctual of the last second: a telephone waits for the next one by
    those that it has heard just now, and a grid that has moved once is a grid again."""
    punctual: deque[tuple[int, int]] = deque()  # (number, shift), rising
    for number, shift in enumerate(shifts):
        while punctual and punctual[-1][1] >= shift:
            punctual.pop()
        punctual.append((number, shift))
        if punctual[0][0] <= number - A_SECOND:
            punctual.popleft()
        yield (shift - punctual[0][1]) / 1_000_000


def _at_once(spans: list[tuple[int, int]]) -> int:
    most = now = 0
    for _, step in sorted([(first, 1) for first, _ in spans] + [(last, -1) for _, last in spans]):
        now += step
        most = max(most, now)
    return most


def _share(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) if ordered else 0.0


def listen(port: socket.socket) -> None:
    packets: list[Packet] = []
    poll = select.poll()
    poll.register(port, select.POLLIN)
    poll.register(sys.stdin, select.POLLIN)
    while True:
        ready = [file for file, _ in poll.poll()]
        if port.fileno() in ready:
            take(port, packets)
        elif not sys.stdin.readline():
            return
        else:
            heard = judge(packets)
            packets.clear()
            print(json.dumps({name: getattr(heard, name) for name in Heard.__slots__}), flush=True)


def take(port: socket.socket, packets: list[Packet]) -> None:
    """All that is there."""
    while True:
        try:
            packet, notes, _, sender = port.recvmsg(2048, 64)
        except BlockingIOError:
            return
        seconds, nanoseconds = struct.unpack("qq", notes[0][2][:16])
        packets.append((seconds * 1_000_000_000 + nanoseconds, packet[:12]))
        port.sendto(packet, sender)


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind(("127.0.0.1", 0))
        port.setblocking(False)
        port.setsockopt(socket.SOL_SOCKET, STAMPED, 1)
        forced = getattr(socket, "SO_RCVBUFFORCE", 33)
        try:
            port.setsockopt(socket.SOL_SOCKET, forced, WAITING)
        except PermissionError:  # not root: what the kernel gives
            port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WAITING)
        print(port.getsockname()[1], flush=True)
        listen(port)


if __name__ == "__main__":
    main()
