"""The program on docs/webhooks.md is run: it must believe what Allstop signs, and nothing else."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from allstop.rules.webhooks import KIND_WORDS, secret_of, signature
from tests.test_docs import table

PAGE = Path(__file__).parent.parent / "docs" / "webhooks.md"


def snippet() -> Callable[[str, dict[str, str], bytes], bool]:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    found: Callable[[str, dict[str, str], bytes], bool] = names["is_from_allstop"]
    return found


def test_the_snippet_believes_what_is_signed_and_nothing_else() -> None:
    believes, old, new = snippet(), secret_of(b"o" * 32), secret_of(b"n" * 32)
    body, now = b'{"type":"ping"}', datetime.now(UTC)

    def headers(at: datetime, secrets: list[str]) -> dict[str, str]:
        return {
            "webhook-id": "evt_1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature(secrets, "evt_1", at, body),
        }

    said = headers(now, [new, old])
    assert believes(new, said, body) and believes(old, said, body), "for a day both sign"
    assert not believes(old, headers(now, [new]), body)
    assert not believes(new, said, body + b" ")
    assert not believes(new, said | {"webhook-id": "evt_2"}, body)
    assert not believes(new, headers(datetime.fromtimestamp(time.time() - 600, UTC), [new]), body), "an old one"


def test_the_page_has_every_kind() -> None:
    assert table("webhooks.md", "Kind", "Means") == [[kind.value, words] for kind, words in KIND_WORDS.items()]
