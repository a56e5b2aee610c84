"""Welcome: what the wizard asks, and that nothing takes effect before Finish."""

from allstop.console.views.setup_wizard.page import SetupPage

PAGE = SetupPage(
    slug="welcome",
    name="Welcome",
    title="Email, text and call setup",
    template="console/setup_wizard/welcome.html",
)
