"""A FHIR server that is searched for Appointments of the coming days, with the people and places that they name."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from allstop.channels.feeds.config import FhirConfig
from allstop.channels.feeds.place import Fetched, PlaceFault
from allstop.channels.feeds.web import post_json, read_address

AT_ONCE = 200  # appointments on a page
MOST_PAGES = 500
_INCLUDED = ("Appointment:patient", "Appointment:location", "Appointment:practitioner")


class Fhir:
    def __init__(self, config: FhirConfig, *, private: bool) -> None:
        self._config = config
        self._private = private

    def fetch(self, today: date, most: int) -> Fetched:
        resources = list(self._resources(today, most))
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"fullUrl": url, "resource": one} if url else {"resource": one} for url, one in resources],
        }
        says = sorted(json.dumps({**one, "meta": None}, sort_keys=True) for _, one in resources)
        mark = sha256("\n".join(says).encode()).hexdigest()  # pages come in any order, and meta is of the server
        return Fetched("appointments.json", json.dumps(bundle).encode(), mark)

    def post(self, resource: Mapping[str, Any], identifier: str) -> None:
        """Creates it unless the server has one with this identifier. Raises PlaceFault unless it was taken."""
        url = f"{self._base}/{resource['resourceType']}"
        headers = self._headers | {"content-type": "application/fhir+json", "if-none-exist": f"identifier={identifier}"}
        post_json(url, headers, json.dumps(resource).encode(), private=self._private)

    @property
    def _base(self) -> str:
        return self._config.base_url.strip().rstrip("/")

    @property
    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/fhir+json"}
        if self._config.bearer_token:
            headers["authorization"] = f"Bearer {self._config.bearer_token}"
        return headers

    def _resources(self, today: date, most: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each once, in the order in which they came: several pages may bring the same patient."""
        seen: set[tuple[Any, Any]] = set()
        for page in self._pages(today, most):
            for entry in page.get("entry") or []:
                resource = entry.get("resource") if isinstance(entry, dict) else None
                if not isinstance(resource, dict) or resource.get("resourceType") == "OperationOutcome":
                    continue
                key = (resource.get("resourceType"), resource.get("id"))
                if key[1] is None or key not in seen:
                    seen.add(key)
                    yield str(entry.get("fullUrl") or ""), resource

    def _pages(self, today: date, most: int) -> Iterator[Mapping[str, Any]]:
        last = today + timedelta(days=self._config.days_ahead)
        asked = [("date", f"ge{today}"), ("date", f"le{last}"), ("_count", str(AT_ONCE))]
        asked += [("_include", one) for one in _INCLUDED]
        base, headers = self._base, self._headers
        url: str | None = f"{base}/Appointment?{urlencode(asked)}"
        for _ in range(MOST_PAGES):
            if url is None:
                return
            said = read_address(url, headers, most, private=self._private)
            most -= len(said.content)
            page = _bundle(said.content)
            yield page
            url = _next(page, base)
        if url is not None:
            raise PlaceFault(f"The server answered with more than {MOST_PAGES} pages. Ask for fewer days.")


def _bundle(content: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(content)
    except ValueError as wrong:
        raise PlaceFault("What this address answers is not FHIR as JSON.") from wrong
    if not isinstance(said, dict) or said.get("resourceType") != "Bundle":
        raise PlaceFault("What this address answers is no FHIR Bundle. Enter the base address of the FHIR server.")
    return said


def _next(page: Mapping[str, Any], base: str) -> str | None:
    """Only at the same server: the token is for it alone."""
    for link in page.get("link") or []:
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            url: str = urljoin(f"{base}/", link["url"])
            if urlsplit(url)[:2] != urlsplit(base)[:2]:
                raise PlaceFault("The server's next page lies at another server. Ask whoever runs it.")
            return url
    return None
