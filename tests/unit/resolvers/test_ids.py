"""Ids as clients see them."""

import pytest

from resolvers import ids
from resolvers.errors import BadUserInput


@pytest.mark.parametrize("kind", ids.KINDS)
@pytest.mark.parametrize("own", ["a", "INV-2026-01", "with:colon", "é"])
def test_an_id_reads_back_what_it_was_made_of(kind: str, own: str) -> None:
    text = ids.global_id(kind, own)
    assert ids.split(text) == (kind, own)
    assert ids.own_id(kind, text) == own


@pytest.mark.parametrize("text", ["", "demo", "invoice:", ":demo", "user:1", "Invoice:1"])
def test_what_is_no_id_is_refused_with_the_path(text: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        ids.split(text, path="input.invoiceId")
    assert refused.value.fields[0].path == "input.invoiceId"


def test_the_id_of_another_kind_is_refused_and_says_which_it_is() -> None:
    with pytest.raises(BadUserInput, match="id of a sku"):
        ids.own_id(ids.INVOICE, "sku:sms")


def test_an_audited_row_has_the_id_that_node_takes() -> None:
    assert ids.entity_id("offers", "r1") == "offer:r1"
    assert ids.entity_id("usage", "2026-01-01/sms") == "2026-01-01/sms"
