"""Whether a lane is open: the SQL and rules/holds.py give the same answer for any set of holds."""

from datetime import UTC, datetime

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allstop.rules.facts import Channel
from allstop.rules.holds import HOLD_EFFECTS, Effect, Scope, StandingHold, closes_lane
from allstop.store.models import Contact, Hold, Job, Location
from tests.world import World, contact, job

AT = datetime(2026, 11, 1, tzinfo=UTC)

holds = st.lists(
    st.tuples(
        st.sampled_from(sorted(HOLD_EFFECTS)),
        st.sampled_from(list(Scope)),
        st.sets(st.sampled_from(list(Effect))),
        st.sampled_from([None, *Channel]),
    ),
    max_size=4,
    unique_by=lambda hold: (hold[0], hold[3]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=holds)
def test_sql_and_rules_agree_on_open_lanes(
    world: World, drawn: list[tuple[str, Scope, set[Effect], Channel | None]]
) -> None:
    with transaction.atomic():
        reach: dict[Scope, dict[str, Location | Job | Contact]] = {
            Scope.LOCATION: {"location": world.north},
            Scope.JOB: {"job": job(world)},
            Scope.CONTACT: {"contact": contact(world)},
        }
        standing = []
        for name, scope, blocks, channel in drawn:
            Hold.objects.create(
                name=name,
                scope=scope,
                account=None if scope is Scope.INSTALLATION else world.account,
                channel=channel,
                blocks=sorted(blocks),
                by="x",
                reason="",
                at=AT,
                lifted_by="",
                **reach.get(scope, {}),
            )
            standing.append(
                StandingHold(name=name, scope=scope, blocks=frozenset(blocks), by="x", at=AT, channel=channel)
            )
        for channel in Channel:
            with connection.cursor() as cursor:
                cursor.execute("SELECT queue_lane_open(%s, %s)", [world.account.pk, channel.value])
                row = cursor.fetchone()
            assert row == (not closes_lane(standing, channel, AT),)
        transaction.set_rollback(True)
