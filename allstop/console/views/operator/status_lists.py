"""Setup, Accounts and Roles: Account Status Types, and the reasons for which a status changes."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.packages import bills_usage_while_suspended
from allstop.actions.status_images import picture_problem, remove_image, set_image
from allstop.actions.status_types import add_reason, delete_reasons, delete_types, save_type, type_of
from allstop.console.access import Desk, operator_screen
from allstop.console.form_problems import add_problems
from allstop.console.meanwhile import remember, settle
from allstop.console.selection import chosen_ids
from allstop.console.views.operator.desk import badge, operator_page
from allstop.rules.lifecycle import AREA_WORDS, STATUS_WORDS, AccountStatus, Area, cell_words
from allstop.rules.pictures import MOST_BYTES, PictureKind, media_type
from allstop.store import lists
from allstop.store.models import StatusType


class TypeForm(forms.Form):
    name = forms.CharField(label="Name", max_length=60)
    status = forms.ChoiceField(
        label="Status",
        choices=[("", "Choose one"), *((one.value, STATUS_WORDS[one]) for one in AccountStatus)],
        help_text="The back-end status: it alone decides what leaves and what is billed.",
    )
    image_url = forms.CharField(
        label="Image URL",
        max_length=500,
        required=False,
        widget=forms.URLInput(attrs={"pattern": "https://.+"}),
        help_text="A picture that is shown with accounts in this status, at an address with https.",
    )
    image = forms.FileField(
        label="Or an uploaded image",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/gif,image/webp"}),
        help_text=f"PNG, JPEG, GIF or WebP, at most {MOST_BYTES // 1024} KB. It is shown in place of the address.",
    )
    drop_image = forms.BooleanField(label="Remove the uploaded image", required=False)
    is_counted = forms.BooleanField(label="Show in Account Statistics", required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("image"):
            del self.fields["drop_image"]

    def clean_image(self) -> bytes | str:
        """The bytes; else the digest of the one that is there, "" for none. What the browser calls it says nothing."""
        sent = self.cleaned_data["image"]
        if not isinstance(sent, UploadedFile):
            return sent or ""
        content: bytes = sent.read(MOST_BYTES + 1)
        if problem := picture_problem(content):
            raise forms.ValidationError(problem)
        return content

    def clean_drop_image(self) -> bool:
        """Beside an upload it says nothing."""
        drops = bool(self.cleaned_data["drop_image"]) and not isinstance(self.cleaned_data.get("image"), bytes)
        if drops:
            self.cleaned_data["image"] = ""
        return drops


class ReasonForm(forms.Form):
    text = forms.CharField(label="Reason", max_length=120)


@operator_screen("GET", "POST")
def status_types(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    """POST deletes what is ticked: all of it, or nothing."""
    problem, code = "", 200
    if request.method == "POST":
        try:
            gone = delete_types(by, chosen_ids(request.POST), datetime.now(UTC))
        except (Conflict, Invalid) as refused:
            problem, code = str(refused), 409 if isinstance(refused, Conflict) else 422
        else:
            messages.success(request, f"Deleted: {gone} status type{'s' if gone != 1 else ''}.")
            return redirect("status-types")
    rows, pictures = lists.status_types(), lists.status_images()
    context = {
        "rows": [(row, badge(row.type, pictures), STATUS_WORDS[AccountStatus(row.type.status)]) for row in rows],
        "problem": problem,
        "statuses": [STATUS_WORDS[one] for one in AccountStatus],
        "effects": [(AREA_WORDS[area], _cells(area)) for area in Area],
    }
    images = [row.type.image_url for row in rows]
    template = "console/operator/status_types.html"
    return operator_page(request, desk, template, context, at="status-types", images=images, status=code)


@operator_screen("GET", "POST")
def new_status_type(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    form = TypeForm(request.POST, request.FILES) if request.method == "POST" else TypeForm()
    return _save(request, desk, by, None, form)


@operator_screen("GET", "POST")
def status_type(request: HttpRequest, desk: Desk, by: Operator, status_type_id: int) -> HttpResponseBase:
    found = type_of(status_type_id)
    stands = {name: getattr(found, name) for name in ("name", "status", "image_url", "is_counted")}
    stands["image"] = lists.status_images().get(found.pk, "")
    form = TypeForm(*((request.POST, request.FILES) if request.method == "POST" else ()), initial=stands)
    return _save(request, desk, by, status_type_id, form)


@operator_screen("GET", "POST")
def status_reasons(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    """POST adds one."""
    if request.method == "GET":
        return _reasons(request, desk, ReasonForm())
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            made = add_reason(by, form.cleaned_data["text"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"Added: {made.text}.")
            return redirect("status-reasons")
    return _reasons(request, desk, form, status=422)


@operator_screen("POST")
def drop_reasons(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    try:
        gone = delete_reasons(by, chosen_ids(request.POST), datetime.now(UTC))
    except (Conflict, Invalid) as refused:
        code = 409 if isinstance(refused, Conflict) else 422
        return _reasons(request, desk, ReasonForm(), problem=str(refused), status=code)
    messages.success(request, f"Deleted: {gone} reason{'s' if gone != 1 else ''}.")
    return redirect("status-reasons")


def _cells(area: Area) -> list[tuple[str, str]]:
    bills_usage = bills_usage_while_suspended()
    return [(STATUS_WORDS[one], cell_words(one, area, bills_usage)) for one in AccountStatus]


def _save(request: HttpRequest, desk: Desk, by: Operator, type_id: int | None, form: TypeForm) -> HttpResponseBase:
    problem, stands = "", form.initial
    remember(form, stands)
    if form.is_bound and form.is_valid() and settle(form, stands):
        try:
            made = _keep(by, type_id, form.cleaned_data, datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        except Conflict as conflict:
            problem = str(conflict)
        else:
            messages.success(request, f"Saved: {made.name}.")
            return redirect("new-status-type" if request.POST.get("then") == "new" else "status-types")
    code = 409 if problem else 422 if form.is_bound else 200
    shown = None if type_id is None else badge(type_of(type_id))
    context: dict[str, Any] = {"form": form, "problem": problem, "is_new": type_id is None, "badge": shown}
    template, images = "console/operator/status_type.html", [shown["image"]] if shown else []
    return operator_page(request, desk, template, context, at="status-types", images=images, status=code)


@transaction.atomic
def _keep(by: Operator, type_id: int | None, said: dict[str, Any], now: datetime) -> StatusType:
    """The type and its picture, or neither."""
    made = save_type(by, type_id, said["name"], said["status"], said["image_url"], said["is_counted"], now)
    if isinstance(said["image"], bytes):
        set_image(by, made.pk, said["image"], now)
    elif said.get("drop_image"):
        remove_image(by, made.pk, now)
    return made


@operator_screen("GET")
def status_image(request: HttpRequest, _desk: Desk, _by: Operator, status_type_id: int) -> HttpResponse:
    """With the media type of what its bytes are. It runs nothing: the policy of this answer allows nothing at all."""
    found = lists.status_image(status_type_id)
    if found is None:
        raise NotThere("This status type has no uploaded image.")
    answer = HttpResponse(bytes(found.content), content_type=media_type(PictureKind(found.kind)))
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=86400"
    answer["Content-Disposition"] = f'inline; filename="status-{found.pk}.{found.kind}"'
    return answer


def _reasons(
    request: HttpRequest, desk: Desk, form: ReasonForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "problem": problem, "rows": lists.status_reasons()}
    template = "console/operator/status_reasons.html"
    return operator_page(request, desk, template, context, at="status-reasons", status=status)
