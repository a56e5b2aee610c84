"""Two people who have the same form open: neither undoes what the other has saved. The first tests need no database."""

import json
from datetime import datetime
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.utils import timezone

from allstop.actions.contacts import details_of
from allstop.console.meanwhile import ALL_OF_IT, remember, settle
from allstop.store.models import Contact, MessagePlan
from tests.console.desk import logged_in
from tests.console.test_message_plans import typed
from tests.kept_cast import the_cast
from tests.world import World, contact


class Person(forms.Form):
    name = forms.CharField(required=False)
    phones = forms.CharField(required=False, widget=forms.Textarea)
    place = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, choices=[("", "None"), (1, "North")])
    is_on = forms.BooleanField(required=False)
    share = forms.DecimalField(required=False)
    days = forms.MultipleChoiceField(
        required=False, choices=[("mon", "Monday"), ("tue", "Tuesday"), ("wed", "Wednesday")]
    )


STOOD: dict[str, Any] = {
    "name": "Ann",
    "phones": "1\n2",
    "place": None,
    "is_on": False,
    "share": 10.0,
    "days": ["mon", "tue"],
}


def saved(mine: dict[str, Any], now: dict[str, Any], **more: str) -> Person:
    """By somebody who opened it when it was STOOD, and whose browser sends `mine`."""
    opened = Person(initial=STOOD)
    remember(opened, STOOD)
    said = QueryDict(mutable=True)
    said.update(
        {"name": "Ann", "phones": "1\r\n2", "place": "", "share": "10", "was": str(opened["was"].value())} | more
    )
    for name, value in ({"days": ["mon", "tue"]} | mine).items():
        said.setlist(name, value if isinstance(value, list) else [value])
    form = Person(said, initial=now)
    remember(form, now)
    assert form.is_valid()
    assert settle(form, now) is not bool(form.errors)
    return form


def test_what_a_colleague_has_saved_stays_beside_what_i_change() -> None:
    theirs = {"phones": "1\n3", "place": 1, "is_on": True, "share": 12.5, "days": ["wed"]}
    assert saved({"name": "Anna"}, STOOD | theirs).cleaned_data == {"name": "Anna"} | theirs
    assert saved({}, {**STOOD, "name": ""}).cleaned_data["name"] == ""
    assert saved({"name": "Anna"}, {**STOOD, "name": "Anna"}).cleaned_data["name"] == "Anna"  # both the same
    assert saved({"days": ["tue", "mon"]}, {**STOOD, "days": ["wed"]}).cleaned_data["days"] == ["wed"]  # in any order


@pytest.mark.parametrize(
    ("mine", "now", "words"),
    [
        ({"name": "Anna"}, {"name": "Hanna"}, "to: Hanna. Saving again puts yours"),
        ({"name": "Anna"}, {"name": ""}, "emptied this"),
        ({"phones": "1"}, {"phones": "1\n3"}, "to: 1, 3."),
        ({"phones": "1"}, {"phones": "7" * 400}, "in another window"),
        ({"days": ["mon", "wed"]}, {"days": ["tue", "wed"]}, "to: Tuesday, Wednesday."),
        ({"days": ["mon"]}, {"days": []}, "emptied this"),
        ({"name": "Anna"}, {"name": "Hanna", "days": ["mon", "wed"]}, "to: Hanna."),
    ],
)
def test_where_both_have_changed_it_what_stands_is_shown_first(
    mine: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    stands = {**STOOD, "place": 1, **now}
    form = saved(mine, stands)
    ((field, problems),) = form.errors.items()
    assert field in mine and words in problems[0]
    again = dict(form.data.items())
    assert again["place"] == "1"  # as the colleague has left it
    second = Person(form.data, initial=stands)
    remember(second, stands)
    assert second.is_valid() and settle(second, stands)
    phones = second.cleaned_data["phones"].replace("\r\n", "\n")
    assert second.cleaned_data | {"phones": phones} == stands | mine


@pytest.mark.parametrize("was", ["", "no json", "[1]", json.dumps({"other": "1"})])
def test_without_what_was_the_form_means_all_of_its_fields(was: str) -> None:
    assert saved({"name": "Anna"}, {**STOOD, "phones": "3"}, was=was).cleaned_data["phones"].split() == ["1", "2"]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return the_cast(now)


def test_a_number_that_a_colleague_adds_is_not_lost_by_saving_a_name(world: World) -> None:
    person = contact(world, "Pat Moreau", phone="+12125550123", email="")
    path = f"/contacts/{person.pk}/edit"
    ben, cem = logged_in(world.ben), logged_in(world.cem)
    drawn = [client.get(path).context["form"] for client in (ben, cem)]
    first, second = ({one.name: one.value() or "" for one in form} for form in drawn)
    assert ben.post(path, {**first, "phones": "+12125550123\r\n+12125550199"}).status_code == 302
    assert cem.post(path, {**second, "given_name": "Patricia"}).status_code == 302
    assert details_of(world.member, person.pk).phones == ("+12125550123", "+12125550199")
    assert Contact.objects.get(pk=person.pk).given_name == "Patricia"
    clash = ben.post(path, {**first, "given_name": "Patrick"})
    assert clash.status_code == 422 and "meanwhile, to: Patricia." in clash.content.decode()
    assert Contact.objects.get(pk=person.pk).given_name == "Patricia"


def test_a_message_plan_that_was_saved_meanwhile_is_not_overwritten_unseen(world: World) -> None:
    client = logged_in(world.ben)
    client.post("/setup/plans/new", typed())
    path = f"/setup/plans/{MessagePlan.objects.get(account=world.account).pk}"
    was = client.get(path).context["was"]
    assert client.post(path, typed(was=was, name="Mine")).status_code == 302
    drawn = client.post(path, typed(was=was, name="Yours", do="add"))  # another step: nothing is saved yet
    refused = client.post(path, typed(was=drawn.context["was"], name="Yours"))
    assert refused.status_code == 422 and ALL_OF_IT in refused.content.decode()
    assert MessagePlan.objects.get(account=world.account).name == "Mine"
    assert client.post(path, typed(was=refused.context["was"], name="Yours")).status_code == 302
