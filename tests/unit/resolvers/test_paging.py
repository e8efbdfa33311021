"""Pages by cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.paging import Key, Page, checked_first, cursor, page, read_cursor


def by_name(name: str) -> Key:
    return (name,)


def turn(rows: list[str], first: int, after: str | None = None) -> Page[str]:
    return page(sorted(rows), by_name, first=first, after=after)


@given(st.sets(st.text(max_size=8), max_size=40), st.integers(1, 7))
def test_the_pages_together_are_the_list(rows: set[str], first: int) -> None:
    seen: list[str] = []
    after = None
    while True:
        found = turn(list(rows), first, after)
        seen += found.rows
        assert found.total == len(rows)
        assert found.has_previous is (after is not None and bool(rows))
        if not found.has_next:
            break
        after = found.cursors[-1]
    assert seen == sorted(rows)


def test_a_row_inserted_before_the_cursor_is_not_seen_twice_and_shifts_nothing() -> None:
    first = turn(["b", "d", "f"], 2)
    second = turn(["a", "b", "c", "d", "f"], 2, first.cursors[-1])
    assert second.rows == ("f",)


def test_the_page_after_a_row_that_was_deleted_goes_on_where_it_was() -> None:
    first = turn(["b", "d", "f"], 2)
    assert turn(["b", "f"], 2, first.cursors[-1]).rows == ("f",)


@pytest.mark.parametrize(
    "text", ["", "x", "bnVsbA", "WzEs", "e30", "WzFd", "W1tdXQ", "éé", "WyJhIiwxXQ", "W3RydWVd"]
)
def test_a_text_that_is_no_cursor_of_this_list_is_refused(text: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        turn(["a", "b"], 1, text)
    assert refused.value.fields[0].path == "after"


def test_a_cursor_reads_back_what_it_was_made_of() -> None:
    assert read_cursor(cursor((-5, "é", "x"))) == (-5, "é", "x")


@pytest.mark.parametrize("first", [0, -1])
def test_a_page_needs_a_row(first: int) -> None:
    with pytest.raises(BadUserInput):
        checked_first(first, 50)


def test_more_than_two_hundred_rows_name_the_limit_and_what_was_asked_for() -> None:
    with pytest.raises(LimitExceeded) as refused:
        checked_first(201, 50)
    assert refused.value.extensions == {"limit": "first", "value": 200, "found": 201}


def test_null_rows_are_the_default() -> None:
    assert (checked_first(None, 50), checked_first(200, 50)) == (50, 200)
