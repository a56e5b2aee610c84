"""How many parts texts have, as the database counts them: as the rules say that they are cut."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from allstop.actions.actor import Operator
from allstop.actions.components import add_component
from allstop.actions.packages import PackageSaid, save_package
from allstop.rules.segments import OF_ONE_SEPTET, OF_TWO_SEPTETS, segments
from allstop.store import usage
from allstop.store.models import Attempt, Message, UsageDay
from tests.world import World, texts

OPS = Operator("Olu (operator)", "console")
LENGTHS = (0, 1, 70, 71, 134, 135, 160, 161, 306, 307)
BODIES = [
    *(letter * length for letter in ("x", "é", "ж", "€", "[", "😀", "-", "\\", "'", "漢") for length in LENGTHS),
    *("x" * length + end for end in ("€", "]", "😀", "^") for length in (66, 67, 132, 133, 151, 152, 153, 159, 304)),
    *(body + "." * 160 for body in (OF_ONE_SEPTET, OF_TWO_SEPTETS, "a😀ж", "😀€", "%s %% {}")),
    OF_ONE_SEPTET * 2,
]


def test_texts_are_cut_in_the_database_as_the_rules_cut_them(world: World, now: datetime) -> None:
    """Each on a day of its own, and all of them once more on one day together."""
    basic = save_package(OPS, None, PackageSaid(name="Basic", price="30"), now)
    add_component(OPS, world.account.pk, basic.pk, 1, now.date() - timedelta(days=300), now)
    made = texts(world, 2 * len(BODIES))
    together = now - timedelta(days=250)
    for at, (one, again, body) in enumerate(zip(made[::2], made[1::2], BODIES, strict=True)):
        Message.objects.filter(id__in=(one, again)).update(body=body)
        for message, then in ((one, now - timedelta(days=at)), (again, together)):
            Attempt.objects.create(
                account=world.account,
                message_id=message,
                number=1,
                worker_id=1,
                adapter="sandbox",
                started_at=then,
                ended_at=then,
                outcome="accepted",
                ref="",
                code="",
                detail="",
            )
    usage._gather(now - timedelta(days=300), now + timedelta(days=1), world.account.pk)
    found = dict(UsageDay.objects.filter(account=world.account).values_list("day", "quantity"))
    for at, body in enumerate(BODIES):
        assert found[day_of(world, now - timedelta(days=at))] == len(segments(body).parts), body[:20]
    assert found[day_of(world, together)] == sum(len(segments(body).parts) for body in BODIES)


def day_of(world: World, at: datetime) -> date:
    return at.astimezone(ZoneInfo(world.account.zone)).date()
