"""A message plan in the browser: its dates follow what is typed, also into the sample appointment."""

from playwright.sync_api import expect

from tests.e2e.visits import Visits
from tests.world import World


def test_the_dates_follow_the_sample_appointment_and_the_steps(world: World, visits: Visits) -> None:
    page = visits.by(world.ben, at="/setup/plans/new")
    dates = page.locator("#plan-dates")
    sample = page.get_by_label("Somebody comes on")
    sample.fill("2036-12-15T10:30")  # a Monday
    expect(dates).to_contain_text("Mon 1 Dec")
    page.locator("[name=step1_days]").fill("10")
    expect(dates).to_contain_text("Fri 5 Dec")
    expect(sample).to_have_value("2036-12-15T10:30")
    sample.fill("2020-01-01T10:00")
    expect(dates).to_contain_text("Nothing: the appointment has begun.")
