"""Invoices for programs of operators: as data, as a PDF, and all of some days as CSV."""

from django.http import HttpResponse, StreamingHttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from allstop.actions.invoices import invoice_file, invoice_of, invoices_csv
from allstop.doors.api.billing_shapes import FullInvoiceOut, InvoiceOut, full_invoice_shape, invoice_shape
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Day, Id, Paged
from allstop.store.lists import billing

router = Router(tags=["billing"])


class SpanAsked(Asked):
    since: Day | None = Field(None, description="The first day of an invoice; else of all.")
    until: Day | None = Field(None, description="The last day.")
    account: Id | None = Field(None, description="Only of this account.")


@router.get("/operator/invoices", response={200: list[InvoiceOut], **refusals(403)}, operation_id="list_invoices")
def list_invoices(request: Call, asked: Query[Paged]) -> list[InvoiceOut]:
    """Of all accounts, the newest first; `after` is the last number that you have."""
    request.auth.as_operator()
    return [invoice_shape(one) for one in billing.invoices(None, asked.after, asked.limit)]


@router.get(
    "/operator/invoices/file",
    response={200: bytes, **refusals(403)},
    operation_id="export_invoices",
    openapi_extra={
        "responses": {200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}},
    },
)
def export_invoices(request: Call, asked: Query[SpanAsked]) -> StreamingHttpResponse:
    """As CSV, the oldest first; made while it is sent."""
    rows = invoices_csv(request.auth.as_operator(), asked.since, asked.until, asked.account)
    answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="invoices.csv"'
    return answer


@router.get(
    "/operator/accounts/{int:account}/invoices/{int:number}",
    response={200: FullInvoiceOut, **refusals(403, 404)},
    operation_id="get_invoice",
)
def get_invoice(request: Call, account: Path[Id], number: Path[Id]) -> FullInvoiceOut:
    """With its lines."""
    return full_invoice_shape(invoice_of(request.auth.as_operator(), account, number))


@router.get(
    "/operator/accounts/{int:account}/invoices/{int:number}/pdf",
    response={200: bytes, **refusals(403, 404)},
    operation_id="get_invoice_pdf",
    openapi_extra={
        "responses": {
            200: {
                "description": "OK",
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    },
)
def get_invoice_pdf(request: Call, account: Path[Id], number: Path[Id]) -> HttpResponse:
    """The same, to print and to hand on, with what is paid of it now."""
    found = invoice_file(request.auth.as_operator(), account, number)
    answer = HttpResponse(found.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer
