"""How the benchmark of calls judges what the callees heard."""

import struct

from allstop.bench.ear import FRAME, judge

MS = 1_000_000


def frame(source: int, number: int, at: int, kind: int = 0) -> tuple[int, bytes]:
    return at, struct.pack("!BBHII", 0x80, kind, number % 0x10000, number * 160 % 2**32, source)


def test_frames_are_judged_by_the_grid_of_their_own_stream() -> None:
    late = {60: 5 * MS, 61: 30 * MS, 62: 70 * MS}
    one = [frame(1, 65_500 + n, n * FRAME + late.get(n, 0)) for n in range(100)]  # its numbers begin anew at 65,536
    two = [frame(2, n, 37 * MS + n * FRAME) for n in range(50, 100)]
    heard = judge([*one, *two, frame(1, 7, 0, kind=101)])  # a key is not sound
    assert (heard.streams, heard.at_once, heard.frames, heard.expected, heard.unseen) == (2, 2, 150, 150, 0)
    assert (heard.later_than_20_ms, heard.later_than_60_ms, heard.late_max_ms) == (2, 1, 70.0)
    assert heard.late_p50_ms == 0


def test_a_grid_that_moves_once_is_late_for_a_second_and_a_grid_again() -> None:
    heard = judge([frame(1, n, n * FRAME + (30 * MS if n >= 100 else 0)) for n in range(300)])
    assert heard.later_than_20_ms == 49


def test_frames_that_never_went_out_and_frames_that_nobody_saw() -> None:
    slower = [frame(1, n, n * 2 * FRAME) for n in range(50)]  # one frame each 40 ms
    assert (judge(slower).frames, judge(slower).expected) == (50, 99)
    holes = [frame(1, n, n * FRAME) for n in range(50) if n % 10 != 5]
    assert (judge(holes).frames, judge(holes).unseen) == (45, 5)


def test_calls_one_after_the_other_are_not_at_once() -> None:
    first, second = ([frame(source, n, (50 * source + n) * FRAME) for n in range(50)] for source in (1, 2))
    assert judge(first + second).at_once == 1
    assert judge([]).streams == 0
