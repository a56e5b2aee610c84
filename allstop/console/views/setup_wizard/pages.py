"""The pages of the wizard, in the order of Next. A page that is not here does not exist."""

from django.http import Http404

from allstop.console.views.setup_wizard import (
    account,
    attachments,
    calls,
    delay,
    finish,
    provider,
    schedule,
    texts,
    welcome,
)
from allstop.console.views.setup_wizard.page import SetupPage

PAGES: tuple[SetupPage, ...] = (
    welcome.PAGE,
    account.PAGE,
    schedule.PAGE,
    delay.PAGE,
    attachments.PAGE,
    provider.PAGE,
    texts.PAGE,
    calls.PAGE,
    finish.PAGE,
)
WITH_SETTINGS = tuple(page for page in PAGES if page not in (welcome.PAGE, finish.PAGE))


def page_named(slug: str) -> SetupPage:
    found = next((page for page in PAGES if page.slug == slug), None)
    if found is None:
        raise Http404("The setup has no such page.")
    return found


def after(page: SetupPage, steps: int = 1) -> SetupPage:
    """Never beyond the first and the last."""
    return PAGES[min(max(0, PAGES.index(page) + steps), len(PAGES) - 1)]


def page_of_place(place: str) -> SetupPage:
    """Where a setting is changed."""
    return next((page for page in WITH_SETTINGS if place in page.form.places), finish.PAGE)
