import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiation.sms import SmsEncoding, SmsLength, measure


@pytest.mark.parametrize(
    ("body", "length"),
    [
        ("", SmsLength(SmsEncoding.GSM_7, 0, 1)),
        ("a" * 160, SmsLength(SmsEncoding.GSM_7, 160, 1)),
        ("a" * 161, SmsLength(SmsEncoding.GSM_7, 161, 2)),
        ("a" * 306, SmsLength(SmsEncoding.GSM_7, 306, 2)),
        ("a" * 307, SmsLength(SmsEncoding.GSM_7, 307, 3)),
        ("€" * 80, SmsLength(SmsEncoding.GSM_7, 160, 1)),
        ("é" * 160, SmsLength(SmsEncoding.GSM_7, 160, 1)),
        ("—" + "a" * 69, SmsLength(SmsEncoding.UCS_2, 70, 1)),
        ("—" + "a" * 70, SmsLength(SmsEncoding.UCS_2, 71, 2)),
        ("😀" * 35, SmsLength(SmsEncoding.UCS_2, 70, 1)),
        ("😀" * 36, SmsLength(SmsEncoding.UCS_2, 72, 2)),
    ],
)
def test_a_body_is_measured_as_it_is_billed(body, length):
    assert measure(body) == length


def test_a_two_septet_character_is_not_split_between_two_segments():
    assert measure("a" * 152 + "€" + "a" * 152).segments == 3
    assert measure("a" * 151 + "€" + "a" * 153).segments == 2


@given(st.text(), st.text())
def test_a_longer_body_never_takes_fewer_segments(body, more):
    assert measure(body + more).segments >= measure(body).segments
