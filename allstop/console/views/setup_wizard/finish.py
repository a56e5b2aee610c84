"""Finish: what would change, what is worth a second thought, and the one button that makes it take effect."""

from allstop.console.views.setup_wizard.page import SetupPage

PAGE = SetupPage(
    slug="finish",
    name="Finish",
    title="Finish",
    template="console/setup_wizard/finish.html",
    warns=("",),
)
