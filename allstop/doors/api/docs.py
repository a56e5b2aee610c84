"""/api/v1/docs: the description of every operation, written out from the OpenAPI schema.

Swagger's page needs inline scripts and styles, which our pages forbid; this one is plain HTML and needs no script.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

Json = Mapping[str, Any]
Words = list[tuple[str, bool]]  # pieces of a text; True: it is code


@dataclass(frozen=True, slots=True)
class FieldLine:
    name: str
    kind: str
    link: str  # anchor of the shape that the kind is; "" = none
    is_required: bool
    words: Words


@dataclass(frozen=True, slots=True)
class Part:
    heading: str
    link: str  # anchor of the shape; "" = none
    lines: list[FieldLine]


@dataclass(frozen=True, slots=True)
class OperationText:
    id: str
    method: str
    path: str
    paragraphs: list[Words]
    parts: list[Part]
    answers: list[tuple[str, str, str]]  # statuses, kind, anchor


class PlainDocs(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema: Json = api.get_openapi_schema(path_params=kwargs)
        operations = list(operations_of(schema))
        context = {
            "schema_url": self.get_openapi_url(api, kwargs),
            "description": api.description,
            "rooms": {
                tag: [one for one, its in operations if its == tag] for tag in dict.fromkeys(t for _, t in operations)
            },
            "shapes": [
                Part(name, name, list(_fields(shape))) for name, shape in schema["components"]["schemas"].items()
            ],
        }
        return render(request, "api_docs.html", context)


def operations_of(schema: Json) -> Iterator[tuple[OperationText, str]]:
    """Each operation with the tag that it stands under."""
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            text = OperationText(
                id=said["operationId"],
                method=method.upper(),
                path=path,
                paragraphs=[_words(text) for text in said.get("description", said["summary"]).split("\n\n")],
                parts=list(_parts(said)),
                answers=list(_answers(said["responses"])),
            )
            yield text, said["tags"][0]


def _parts(said: Json) -> Iterator[Part]:
    if parameters := said.get("parameters"):
        yield Part("Parameters", "", [_parameter(one) for one in parameters])
    for kind, body in said.get("requestBody", {}).get("content", {}).items():
        shape = body["schema"]
        if "$ref" in shape:
            yield Part(f"Body ({kind})", _name(shape), [])
        else:
            yield Part(f"Body ({kind})", "", list(_fields(shape)))


def _parameter(one: Json) -> FieldLine:
    words = one.get("description") or one["schema"].get("description", "")
    kind, link = _kind(one["schema"]), _link(one["schema"])
    return FieldLine(one["name"], f"{kind}, in the {one['in']}", link, one.get("required", False), _words(words))


def _fields(shape: Json) -> Iterator[FieldLine]:
    required = shape.get("required", ())
    for name, field in shape.get("properties", {}).items():
        yield FieldLine(name, _kind(field), _link(field), name in required, _words(field.get("description", "")))
    if "enum" in shape:
        yield FieldLine(shape["title"], _kind(shape), "", False, [])


def _words(text: str) -> Words:
    """What stands in backticks is code."""
    return [(piece, index % 2 == 1) for index, piece in enumerate(" ".join(text.split()).split("`"))]


def _answers(responses: Json) -> Iterator[tuple[str, str, str]]:
    """Statuses with the same shape in one line."""
    statuses: dict[tuple[str, str], list[str]] = {}
    for status, answer in responses.items():
        for kind, content in answer["content"].items():
            name = _link(content["schema"])
            statuses.setdefault((name or kind, name), []).append(str(status))
    for (kind, link), those in statuses.items():
        yield ", ".join(sorted(those)), kind, link


def _link(shape: Json) -> str:
    """The one shape that is named in it, also as one of a list or where null is allowed."""
    inner = [shape, *shape.get("anyOf", ()), *shape.get("allOf", ()), shape.get("items", {})]
    return next((_name(one) for one in inner if "$ref" in one), "")


def _kind(shape: Json) -> str:
    """string (date-time) or null, list of integer, Channel, ..."""
    if "$ref" in shape:
        return _name(shape)
    for joined in ("anyOf", "allOf"):
        if joined in shape:
            return " or ".join(_kind(one) for one in shape[joined])
    if "enum" in shape:
        return " or ".join(str(word) for word in shape["enum"])
    kind = str(shape.get("type", "anything"))
    if kind == "array":
        return f"list of {_kind(shape['items'])}"
    return f"{kind} ({shape['format']})" if "format" in shape else kind


def _name(shape: Json) -> str:
    return str(shape["$ref"]).rsplit("/", 1)[1]
