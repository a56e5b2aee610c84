"""The API put together: every operation, who may call, what errors look like. Whatever is not here answers 404."""

from typing import Any

from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from allstop import __version__
from allstop.doors.api import (
    account,
    attachments,
    billing,
    billing_setup,
    brakes,
    bulk,
    calls,
    contact_imports,
    contact_lists,
    contacts,
    email,
    emergency,
    erasing,
    errors,
    feeds,
    forecast,
    groups,
    imports,
    inbox,
    intake,
    invoices,
    jobs,
    lead_imports,
    leads,
    mass_ends,
    message_plans,
    messages,
    my_mails,
    operator,
    playbook,
    record,
    replies,
    reports,
    scheduled,
    sending,
    sends,
    standing,
    start,
    status_types,
    stops,
    templates,
    text_provider,
    tickets,
    webhooks,
)
from allstop.doors.api.docs import PlainDocs
from allstop.doors.api.import_choices import ImportChoices
from allstop.doors.api.request import Token


class Api(NinjaAPI):
    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """With the shapes that are read by hand: an import's options travel as text beside the file."""
        schema = super().get_openapi_schema(**kwargs)
        for choices in (ImportChoices, contact_imports.ContactChoices, attachments.FileIn):
            shape = choices.model_json_schema(ref_template="#/components/schemas/{model}")
            schema["components"]["schemas"] |= {**shape.pop("$defs", {}), choices.__name__: shape}
        return schema

    def _get_urls(self) -> list[URLPattern | URLResolver]:
        urls: list[URLPattern | URLResolver] = super()._get_urls()
        for pattern in urls:
            if isinstance(pattern, URLPattern):
                pattern.callback = errors.shaped(pattern.callback)
        return urls


api = Api(
    title="Allstop",
    version=__version__,
    description="Hand in messages, look at what waits and why, stop and start.",
    urls_namespace="api",
    auth=Token(),
    docs=PlainDocs(),
)
errors.handle_errors(api)
ROOMS = (
    account,
    start,
    forecast,
    standing,
    scheduled,
    stops,
    jobs,
    contact_lists,
    reports,
    message_plans,
    messages,
    sends,
    attachments,
    contacts,
    contact_imports,
    bulk,
    groups,
    record,
    erasing,
    inbox,
    replies,
    lead_imports,  # before leads, whose /leads/{lead_id} would take its addresses
    leads,
    intake,
    mass_ends,
    playbook,
    imports,
    feeds,
    templates,
    brakes,
    calls,
    sending,
    text_provider,
    email,
    emergency,
    webhooks,
    my_mails,
    billing,
    billing_setup,
    invoices,
    operator,
    status_types,
    tickets,
)
for room in ROOMS:
    api.add_router("", room.router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", api.urls),
    re_path("", errors.no_such_operation),
]
