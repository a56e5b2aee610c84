"""The channels' tests. conformance.py is one suite that every adapter passes against a peer of its own."""

import pytest

pytest.register_assert_rewrite("tests.channels.conformance")
