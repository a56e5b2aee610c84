"""A plan for a recall list in a browser: what leaves when, the sending, and an answer that ends it."""

from datetime import UTC, datetime, time

from playwright.sync_api import expect

from allstop.actions.contact_lists import ListChoice, save_list
from allstop.actions.message_plans import PlanChoice, save_plan, usual_follow_up
from allstop.actions.replies import Written, take_reply
from allstop.rules.facts import Channel
from allstop.rules.message_plan import Condition, CountsFrom, Step, Words
from allstop.store.models import Message
from tests.e2e.axe import in_both_themes, sticks_out
from tests.e2e.visits import PHONE, Visits
from tests.world import World, contact


def later(channel: Channel, days: int, condition: Condition = Condition.UNCONFIRMED) -> Step:
    return Step(channel=channel, days=days, clock=time(10), condition=condition, words=(Words(body="Hello {names}"),))


def test_a_list_is_followed_up_until_somebody_answers(visits: Visits, world: World) -> None:
    now = datetime.now(UTC)
    contact(world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    contact(world, "Ben Silva", phone="+12125550131", email="")
    kept = save_list(world.member, ListChoice(name="Six months", for_family=True), now)
    short = (later(Channel.TEXT, 3, Condition.ALWAYS), later(Channel.TEXT, 9))
    for name, steps in (("All", usual_follow_up()), ("Texts", short)):
        save_plan(world.leader, PlanChoice(name=name, steps=steps, counts_from=CountsFrom.SENDING), now)
    page = visits.by(world.cem, width=PHONE, at=f"/contacts/lists/{kept.pk}")
    page.get_by_role("link", name="Send a plan").click()
    shown = page.get_by_role("region", name="What leaves on which day").locator("tbody tr")
    expect(shown).to_have_count(3)
    page.get_by_label("Message plan").select_option("Texts")
    expect(shown).to_have_count(2)
    expect(page.locator("#plan-preview")).to_contain_text("2 of 2 people get it: 2 messages at most")
    expect(page.locator("#plan-preview")).to_contain_text("2 leave, the last")
    assert in_both_themes(page) == []
    assert sticks_out(page) == 0
    page.get_by_role("button", name="Send the plan").click()
    expect(page.get_by_text("2 messages wait, each for its day.")).to_be_visible()
    asked = Written(
        adapter="sandbox",
        provider_id="an answer",
        channel=Channel.TEXT,
        sender="+12125550131",
        recipient="+12125550100",
        text="Please call me",
        in_reply_to="",
        at=datetime.now(UTC),
    )
    assert take_reply(asked)
    page.get_by_role("link", name="Its messages").click()
    page.get_by_label("Show canceled by rules").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("They have answered: the later steps of the plan are not needed.").first).to_be_visible()
    assert not Message.objects.filter(account=world.account, status="waiting").exists()
