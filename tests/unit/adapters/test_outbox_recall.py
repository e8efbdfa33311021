from datetime import timedelta

from adapters.outbox.recall import Recall
from negotiation.records import NotificationStatus as S
from tests.builders import NOW, a_notification


def rows(*known):
    return {row.id: row for row in known}


def recalled(recall, id_):
    return recall.of(id_).strikes


def test_what_is_still_to_be_tried_or_looked_up_is_recalled():
    recall = Recall()
    waiting = a_notification(id="n1")
    doubted = a_notification(
        id="n2", status=S.UNCONFIRMED, next_attempt_at=NOW + timedelta(minutes=1)
    )
    for row in (waiting, doubted):
        recall.of(row.id).strikes = 2
    recall.keep_open(rows(waiting, doubted), busy=())
    assert (recalled(recall, "n1"), recalled(recall, "n2")) == (2, 2)


def test_what_is_settled_or_gone_or_waits_for_a_person_is_forgotten():
    recall = Recall()
    known = [
        a_notification(id=f"n{number}", status=status)
        for number, status in enumerate((S.SENT, S.FAILED, S.CANCELLED, S.UNCONFIRMED))
    ]
    for id_ in (*rows(*known), "gone"):
        recall.of(id_).strikes = 2
    recall.keep_open(rows(*known), busy=())
    assert [recalled(recall, id_) for id_ in (*rows(*known), "gone")] == [0, 0, 0, 0, 0]


def test_what_is_under_way_is_recalled_whatever_the_row_says():
    recall = Recall()
    recall.of("n1").strikes = 2
    recall.keep_open(rows(a_notification(id="n1", status=S.DELIVERED)), busy={"n1"})
    assert recalled(recall, "n1") == 2
