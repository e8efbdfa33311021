"""Files of spreadsheets are read in the encoding they were written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiation.importing.encoding import decode

TEXT = "number,amount\nRechnung Müller,1.000 €\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_reads_the_same_in_every_encoding_that_spreadsheets_write(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


def test_utf_16_of_both_byte_orders_is_told_by_its_mark() -> None:
    assert decode(b"\xff\xfea\x00\xe9\x00") == "aé"
    assert decode(b"\xfe\xff\x00a\x00\xe9") == "aé"


def test_bytes_that_windows_1252_leaves_undefined_are_control_characters() -> None:
    assert decode(b"\x80\x81\xe9") == "€\x81é"


@given(st.binary(max_size=200))
def test_any_bytes_have_a_text(data: bytes) -> None:
    assert isinstance(decode(data), str)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_utf_8_is_read_back_as_it_was_written(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")
