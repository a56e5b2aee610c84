"""The addresses of the console. Everything is behind the log-in; what changes something takes POST only."""

from django.urls import path

from allstop.console.views import accounts, contacts, guide, home, imports, jobs, messages, outbox, switch, tokens

urlpatterns = [
    path("", home.home, name="home"),
    path("switch", switch.switch, name="switch"),
    path("switch/panel", home.switch_panel, name="switch-panel"),
    path("switch/stop", switch.stop, name="stop"),
    path("switch/start", switch.start, name="start"),
    path("switch/remove-old-jobs", switch.remove_old, name="remove-old-jobs"),
    path("jobs", home.jobs, name="jobs"),
    path("jobs/remove", jobs.remove, name="remove-jobs"),
    path("jobs/remove/ask", jobs.ask_remove, name="remove-jobs-ask"),
    path("jobs/<int:job_id>", jobs.job, name="job"),
    path("messages", messages.messages, name="messages"),
    path("messages/<int:message_id>", messages.message, name="message"),
    path("outbox", outbox.outbox, name="outbox"),
    path("outbox/<int:item_id>", outbox.outbox_item, name="outbox-item"),
    path("contacts", contacts.contacts, name="contacts"),
    path("contacts/<int:contact_id>", contacts.contact, name="contact"),
    path("import", imports.imports, name="imports"),
    path("import/<int:import_id>", imports.one, name="import"),
    path("import/<int:import_id>/read-again", imports.read_again, name="import-read-again"),
    path("import/<int:import_id>/confirm", imports.confirm, name="import-confirm"),
    path("import/<int:import_id>/discard", imports.discard, name="import-discard"),
    path("import/<int:import_id>/progress", imports.progress, name="import-progress"),
    path("import/<int:import_id>/problems.csv", imports.problems, name="import-problems"),
    path("setup/tokens", tokens.tokens, name="tokens"),
    path("setup/tokens/<int:token_id>/revoke", tokens.revoke, name="revoke-token"),
    path("switch-account", accounts.switch_account, name="switch-account"),
    path("help/remove-jobs", guide.remove_jobs, name="help-remove-jobs"),
]
