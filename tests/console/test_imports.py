"""The screens of an import: upload, look and correct, confirm, progress, problems."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from allstop.actions import attachments
from allstop.actions.import_options import Start
from allstop.actions.imports import options_of
from allstop.actions.templates import save_template
from allstop.formats.mapping import Field
from allstop.rules.facts import Channel
from allstop.store.models import Import, ImportProblem, ImportState, Template
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World

FILE = (
    "First,Last,Mobile,Email,Appointment,Clinic\r\n"
    "Pat,Moreau,(212) 555-0123,pat@example.org,2099-03-02 09:30,NG\r\n"
    "Zoe,Ahmadi,(212) 555-0124,zoe@example.org,2099-03-02 10:00,SG\r\n"
    "Liu,Wei,nonsense,,2099-03-02 10:30,NG\r\n"
)


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def upload(client: Client, content: str = FILE, name: str = "monday.csv") -> Import:
    answer = client.post("/import", {"file": SimpleUploadedFile(name, content.encode())})
    taken = Import.objects.latest("pk")
    assert answer["Location"] == f"/import/{taken.pk}"
    return taken


def said(taken: Import, **changes: object) -> dict[str, object]:
    """What the form of the page posts, as a browser would."""
    options = options_of(taken)
    fields: dict[str, object] = {
        "name": options.name,
        "purpose": options.purpose.value,
        "channels": [channel.value for channel in options.channels],
        "route": options.route.value,
        "start": "now",
        "days": "1",
        "clock": "10:00",
        "text_body": "Hello {first_name}, see you on {when}.",
        "call_body": "Hello {first_name}.",
        "email_subject": "Your appointment",
        "email_body": "Hello {first_name}",
    }
    fields |= {f"column.{field.value}": str(index) for field, index in options.mapping.columns.items()}
    return fields | changes


def test_a_file_is_taken_in_and_its_columns_are_guessed(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    page = client.get(f"/import/{taken.pk}").content.decode()
    assert "3 rows" in page
    assert '<option value="2" selected>Mobile: (212) 555-0123, (212) 555-0124</option>' in page
    assert "Pat Moreau" in page
    assert "1 SMS part" in page


def test_a_file_that_cannot_be_read_is_said_at_the_drop_zone(world: World) -> None:
    answer = logged_in(world.cem).post("/import", {"file": SimpleUploadedFile("x.csv", b"\x89PNG\r\n\x1a\n\x00\x00")})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Import.objects.exists()


def test_no_file_at_all_is_said_at_the_drop_zone(world: World) -> None:
    assert logged_in(world.cem).post("/import").status_code == 422


def test_what_is_typed_is_kept_and_shown_as_it_will_be_sent(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    words = "Hi {first_name}! " + "Please come early. " * 9
    shown = client.post(f"/import/{taken.pk}", said(taken, text_body=words), headers=HTMX).content.decode()
    assert "Hi Pat! Please come early." in shown
    assert "2 SMS parts" in shown
    assert "<html" not in shown
    taken.refresh_from_db()
    assert options_of(taken).wording[Channel.TEXT].body == words


def test_a_corrected_column_counts_as_chosen_by_a_person(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    client.post(f"/import/{taken.pk}", said(taken, **{"column.notes": "1"}))
    taken.refresh_from_db()
    mapping = options_of(taken).mapping
    assert (mapping.columns[Field.NOTES], mapping.basis[Field.NOTES]) == (1, "chosen")
    assert mapping.basis[Field.EMAIL] != "chosen"


def test_wording_with_a_mistake_is_said_and_not_kept(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    answer = client.post(f"/import/{taken.pk}", said(taken, text_body="Hi {nobody}"), headers=HTMX)
    assert answer.status_code == 422
    assert "Text: " in answer.content.decode()
    taken.refresh_from_db()
    assert options_of(taken).wording[Channel.TEXT].body != "Hi {nobody}"


def test_a_word_that_is_no_choice_is_refused(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    for change in ({"purpose": "revenge"}, {"start": "at", "at": "soon"}, {"column.email": "x"}, {"clock": "25:99"}):
        assert client.post(f"/import/{taken.pk}", said(taken, **change)).status_code == 422, change


def test_a_day_and_time_is_read_in_the_accounts_clock(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    client.post(f"/import/{taken.pk}", said(taken, start="at", at="2099-01-15T09:00"))
    taken.refresh_from_db()
    timing = options_of(taken).timing
    assert timing.start is Start.AT
    assert timing.at is not None
    assert timing.at.isoformat() == "2099-01-15T14:00:00+00:00"


def test_confirm_takes_what_stands_on_the_page_and_hands_it_to_a_worker(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    answer = client.post(f"/import/{taken.pk}/confirm", said(taken, text_body="Last words, {first_name}"), follow=True)
    taken.refresh_from_db()
    assert taken.state == ImportState.QUEUED
    assert options_of(taken).wording[Channel.TEXT].body == "Last words, {first_name}"
    assert "It waits for a worker" in answer.content.decode()
    assert 'hx-trigger="every 1s"' in answer.content.decode()


def test_confirmed_twice_is_imported_once(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    client.post(f"/import/{taken.pk}/confirm", said(taken))
    assert client.post(f"/import/{taken.pk}/confirm", said(taken)).status_code == 409


def test_confirm_with_a_mistake_shows_it_and_imports_nothing(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    answer = client.post(f"/import/{taken.pk}/confirm", said(taken, channels=[]))
    assert answer.status_code == 422
    assert "Choose at least one of text, call and email." in answer.content.decode()
    taken.refresh_from_db()
    assert taken.state == ImportState.UPLOADED


def test_a_viewer_may_look_and_change_nothing(world: World) -> None:
    taken = upload(logged_in(world.cem))
    client = logged_in(world.dot)
    assert client.get(f"/import/{taken.pk}").status_code == 200
    assert client.post("/import", {"file": SimpleUploadedFile("x.csv", FILE.encode())}).status_code == 403
    for path in ("", "/confirm", "/discard", "/read-again"):
        assert client.post(f"/import/{taken.pk}{path}", said(taken)).status_code == 403, path
    assert Import.objects.get().state == ImportState.UPLOADED


def test_a_discarded_file_is_forgotten(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    assert client.get(f"/import/{taken.pk}/discard").status_code == 405
    client.post(f"/import/{taken.pk}/discard")
    assert not Import.objects.exists()
    assert client.post(f"/import/{taken.pk}/discard").status_code == 404


def test_the_file_is_read_again_in_another_encoding(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client, FILE.replace("Zoe", "Zoë"))
    client.post(f"/import/{taken.pk}/read-again", {"encoding": "latin-1", "delimiter": "Comma"})
    taken.refresh_from_db()
    assert (options_of(taken).encoding, options_of(taken).delimiter) == ("latin-1", ",")
    assert "ZoÃ«" in client.get(f"/import/{taken.pk}").content.decode()


def test_a_reading_that_finds_no_columns_is_refused_with_words(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    answer = client.post(f"/import/{taken.pk}/read-again", {"delimiter": "Semicolon"})
    assert answer.status_code == 422
    assert "Columns: " in answer.content.decode()
    taken.refresh_from_db()
    assert options_of(taken).delimiter is None


def short(world: World, body: str = "See you, {first_name}", **changes: object) -> Template:
    words: dict[str, object] = {"name": "Short", "channel": "text", "purpose": "reminder", "subject": "", "body": body}
    return Template.objects.create(**({"account": world.account} | words | changes))


def test_saved_wording_is_offered_by_channel_and_only_the_accounts_own(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    short(world)
    short(world, name="Letter", channel="email", subject="Soon")
    short(world, name="Theirs", account=world.rival)
    page = client.get(f"/import/{taken.pk}").content.decode()
    of_texts = page.split('id="text_template"')[1].split("</select>")[0]
    assert "Short" in of_texts
    assert "Letter" not in of_texts
    assert "Theirs" not in page


def test_saved_wording_that_is_chosen_fills_the_form_and_the_preview(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    chosen = str(short(world).pk)
    form = said(taken, text_template=chosen, text_filled="")
    shown = client.post(f"/import/{taken.pk}", form, headers=HTMX).content.decode()
    assert "See you, Pat" in shown
    assert 'id="wording-text" hx-swap-oob="true"' in shown
    assert f'name="text_filled" value="{chosen}"' in shown
    assert ">See you, {first_name}</textarea>" in shown
    assert "wording-email" not in shown
    taken.refresh_from_db()
    assert options_of(taken).wording[Channel.TEXT].body == "See you, {first_name}"


def test_the_files_of_saved_wording_come_with_it_until_they_are_unticked(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    form = attachments.upload(world.member, "form.pdf", b"%PDF-1.7\nA form", world.now).id
    words = Template(name="Letter", channel="email", purpose="reminder", subject="Soon", body="Hello {first_name}")
    chosen = str(save_template(world.admin, words, world.now, attachments=[form]).pk)
    page = client.post(f"/import/{taken.pk}", said(taken, email_template=chosen, email_filled=""), follow=True)
    box = f'<input type="checkbox" name="email_attachments" value="{form}" checked>'
    assert box in page.content.decode()
    taken.refresh_from_db()
    assert options_of(taken).wording[Channel.EMAIL].attachments == (form,)
    kept = said(taken, email_template=chosen, email_filled=chosen, email_attachments=str(form))
    client.post(f"/import/{taken.pk}", kept)
    assert box in client.get(f"/import/{taken.pk}").content.decode()
    client.post(f"/import/{taken.pk}", said(taken, email_template=chosen, email_filled=chosen))
    assert "email_attachments" not in client.get(f"/import/{taken.pk}").content.decode()


def test_saved_wording_is_filled_in_without_scripts_and_shown_as_the_chosen_one(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    chosen = str(short(world).pk)
    answer = client.post(f"/import/{taken.pk}", said(taken, text_template=chosen, text_filled=""), follow=True)
    page = answer.content.decode()
    assert ">See you, {first_name}</textarea>" in page
    assert f'<option value="{chosen}" selected>Short</option>' in page


def test_what_is_typed_over_saved_wording_stays(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    chosen = str(short(world).pk)
    form = said(taken, text_template=chosen, text_filled=chosen, text_body="Until then, {first_name}")
    shown = client.post(f"/import/{taken.pk}", form, headers=HTMX).content.decode()
    assert "Until then, Pat" in shown
    assert "hx-swap-oob" not in shown


def test_saved_wording_of_another_account_or_channel_cannot_be_chosen(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    for other in (short(world, account=world.rival), short(world, channel="call")):
        form = said(taken, text_template=str(other.pk), text_filled="")
        answer = client.post(f"/import/{taken.pk}", form)
        assert answer.status_code == 422
        assert "This wording does not exist any more." in answer.content.decode()
    taken.refresh_from_db()
    assert options_of(taken).wording[Channel.TEXT].body != "See you, {first_name}"


def test_wording_that_nobody_has_read_is_shown_before_it_is_imported(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    form = said(taken, text_template=str(short(world).pk), text_filled="")
    page = client.post(f"/import/{taken.pk}/confirm", form, follow=True).content.decode()
    assert "Nothing is imported yet: read it first." in page
    taken.refresh_from_db()
    assert taken.state == ImportState.UPLOADED
    assert options_of(taken).wording[Channel.TEXT].body == "See you, {first_name}"


def test_wording_is_kept_under_a_name_when_the_form_is_saved(world: World) -> None:
    client = logged_in(world.ben)
    taken = upload(client)
    form = said(taken, text_keep=" Monday ", text_body="Hi {first_name}, {clinic}")
    client.post(f"/import/{taken.pk}", form, headers=HTMX)
    assert not Template.objects.exists()  # half a name, while it is typed
    answer = client.post(f"/import/{taken.pk}", form, follow=True)
    assert "The wording is saved." in answer.content.decode()
    kept = Template.objects.get()
    assert (kept.account_id, kept.name, kept.channel) == (world.account.pk, "Monday", "text")
    assert (kept.purpose, kept.subject, kept.body) == ("reminder", "", "Hi {first_name}, {clinic}")


def test_wording_is_kept_when_the_file_is_confirmed(world: World) -> None:
    client = logged_in(world.ben)
    taken = upload(client)
    client.post(f"/import/{taken.pk}/confirm", said(taken, email_keep="Letter"))
    taken.refresh_from_db()
    assert taken.state == ImportState.QUEUED
    assert Template.objects.get().subject == "Your appointment"


def test_a_name_that_is_taken_is_replaced_only_when_it_is_the_chosen_one(world: World) -> None:
    client = logged_in(world.ben)
    taken = upload(client)
    before = options_of(taken)
    mine = short(world)
    refused = client.post(f"/import/{taken.pk}/confirm", said(taken, text_keep="short"))
    assert refused.status_code == 422
    assert 'id="text_keep_error"' in refused.content.decode()
    assert "There is saved wording named Short." in refused.content.decode()
    mine.refresh_from_db()
    assert mine.body == "See you, {first_name}"
    taken.refresh_from_db()
    assert (taken.state, options_of(taken)) == (ImportState.UPLOADED, before)

    chosen = str(mine.pk)
    form = said(taken, text_keep="short", text_template=chosen, text_filled=chosen, text_body="New words")
    assert client.post(f"/import/{taken.pk}", form).status_code == 302
    mine.refresh_from_db()
    assert (mine.name, mine.body) == ("Short", "New words")
    assert Template.objects.count() == 1


def test_a_name_of_another_account_is_free(world: World) -> None:
    client = logged_in(world.ben)
    taken = upload(client)
    short(world, account=world.rival)
    assert client.post(f"/import/{taken.pk}", said(taken, text_keep="Short")).status_code == 302
    assert Template.objects.filter(account=world.account).count() == 1


def test_a_member_is_not_offered_to_keep_wording_and_may_not(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    assert "Keep this wording as" not in client.get(f"/import/{taken.pk}").content.decode()
    before = options_of(taken)
    assert client.post(f"/import/{taken.pk}", said(taken, text_keep="Mine")).status_code == 403
    taken.refresh_from_db()
    assert options_of(taken) == before
    assert not Template.objects.exists()


def test_the_problems_are_downloaded_as_a_list(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    ImportProblem.objects.create(source=taken, row=4, column="Mobile", value="nonsense", problem="No number.")
    answer = client.get(f"/import/{taken.pk}/problems.csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    assert "4,Mobile,nonsense,No number." in answer.content.decode("utf-8-sig")


def test_the_result_links_to_the_job_and_the_problems(world: World) -> None:
    client = logged_in(world.cem)
    taken = upload(client)
    Import.objects.filter(pk=taken.pk).update(state=ImportState.DONE, messages_made=2, rows_refused=1)
    part = client.get(f"/import/{taken.pk}/progress", headers=HTMX).content.decode()
    assert "made 2 messages" in part
    assert part.count('data-step="done"') == 4  # the steps are brought up to date along with it
    assert "1 row could not be used" in part
    assert "every 1s" not in part
