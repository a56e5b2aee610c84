"""The rule files: read strictly, dated, with their sources; and a promotion that waits for one says so everywhere."""

from datetime import UTC, date, datetime, timedelta

import pytest

from allstop.actions.messages import Draft, send_message
from allstop.rules.facts import Channel, Purpose
from allstop.rules.quiet_law import protecting
from allstop.store import facts, lists
from allstop.store.models import ChannelSetup, Message
from allstop.store.quiet_laws import FOLDER, law, read_rule
from tests.world import World, contact

EVENING = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # Monday, 20:30 in New York
GOOD = (FOLDER / "us-fl.toml").read_text(encoding="utf-8")


@pytest.fixture
def now() -> datetime:
    return EVENING


def test_every_file_is_read_and_names_its_source() -> None:
    rules = {rule.key: rule for rule in law().rules}
    assert set(rules) == {path.stem for path in FOLDER.glob("*.toml")}
    for key, rule in rules.items():
        assert key == rule.place.lower()
        assert rule.source
        assert rule.since < date(2026, 1, 1)
        assert (rule.checked is None) == (not rule.seen)
        assert (rule.checked is None) == rule.words.endswith("Nobody has compared these hours with a source yet.")
    assert {key for key, rule in rules.items() if rule.checked is None} == {"us-tx"}
    assert rules["us"].words == (
        "United States: 08:00-21:00 only (Telephone Consumer Protection Act rules, 47 CFR 64.1200(c)(1))."
    )
    assert len(rules["fr"].allowed) == 10
    assert {rule.key for rule in protecting(law(), ("US-FL",), Channel.TEXT, Purpose.PROMOTION)} == {"us", "us-fl"}


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('source = "', 'sauce = "', "it needs"),
        ("from = 2021-07-01", 'from = "July"', "are days"),
        ('["promotion"]', '["reminder"]', "purposes can only be promotion"),
        ('["text", "call"]', '["email"]', "emails know no quiet hours"),
        ('["text", "call"]', '["fax"]', "fax"),
        ("08:00-20:00", "8 to 20", "like Monday 09:00-12:00"),
        ("[[allowed]]", "[[allowed", "us-xx.toml cannot be used"),
        ("checked = 2026-11-22", 'checked = "yes"', "checked is a day"),
        ("checked = 2026-11-22", 'checked = "not checked"', "without one"),
        ("checked = 2026-11-22", "", "it needs"),
        ('seen = "', 'seen = "somewhere, ', "with the address"),
        ("seen = ", "until = 2030-01-01 # ", "with the address"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_name(was: str, becomes: str, said: str) -> None:
    assert was in GOOD
    with pytest.raises(ValueError, match=said):
        read_rule("us-xx", GOOD.replace(was, becomes))


def test_a_promotion_waits_for_the_law_where_the_contact_may_live_and_says_which(world: World) -> None:
    ChannelSetup.objects.filter(account=world.account).update(provider="sandbox", keeps_quiet_hours=False)
    floridian = contact(world, "Flo Rida", phone="+13055550123", zones=("America/New_York",))
    neighbour = contact(world, "Ny Yorker", phone="+12125550124", zones=("America/New_York",))

    def sent(to: int, purpose: Purpose, channel: Channel = Channel.TEXT) -> int:
        draft = Draft(channel=channel, purpose=purpose, body="20 % off", contact_id=to)
        return send_message(world.member, draft, world.now).id

    held = sent(floridian.pk, Purpose.PROMOTION)
    morning = EVENING + timedelta(hours=11, minutes=30)
    assert Message.objects.get(id=held).due_at == morning
    lane = facts.lane_setup(world.account.pk, Channel.TEXT).facts
    free, reminder = sent(neighbour.pk, Purpose.PROMOTION), sent(floridian.pk, Purpose.REMINDER)
    known = facts.facts_of_messages(world.account.pk, [held, free, reminder], lane)
    assert facts.due_time(known[held], world.now) == morning
    assert (facts.due_time(known[free], world.now), facts.due_time(known[reminder], world.now)) == (world.now,) * 2
    said = lists.why(world.account.pk, held, world.now)
    assert said is not None
    assert said.reason == "quiet_law:us-fl"
    assert "Florida: 08:00-20:00 only (Florida Telemarketing Act" in said.words
    found = lists.account_forecast(world.account.pk, world.now)
    assert (found.whole.messages, found.whole.finish) == (3, morning)
