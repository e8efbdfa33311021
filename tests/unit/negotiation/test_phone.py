import pytest

from negotiation.phone import mask_phone, mask_phones


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+14155551234", "+1•••••1234"),
        ("+491711234567", "+49•••••4567"),
        ("+35312345678", "+353•••••5678"),
        ("4155551234", "•••••1234"),
        (" +1 (415) 555-1234 ", "+1•••••1234"),
        ("+1415", "+1•••••"),
        ("1234", "•••••"),
        ("", "•••••"),
    ],
)
def test_a_number_shows_its_country_and_its_last_four_digits_at_most(number, shown):
    assert mask_phone(number) == shown


def test_numbers_inside_a_text_are_masked_and_everything_else_stays():
    text = "The 'To' number +14155551234 (14155551234) failed: GET /Messages?To=%2B14155551234&n=1"
    masked = mask_phones(text)
    assert "5555" not in masked
    assert masked.count("1234") == 3
    assert masked.endswith("&n=1")


def test_identifiers_amounts_and_dates_are_no_numbers_to_hide():
    text = "SM12345678901234567890123456789012 cost 12345678.90 on 2026-04-01, code 21211"
    assert mask_phones(text) == text
