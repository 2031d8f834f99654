"""Problems in the reader's language: the slots, too."""

import pytest

from engine.problems import Problem
from engine.texts import wording

CLOSED = Problem("registers.period_closed", "", {"register": {"en": "Goods", "zh-CN": "物料"}, "date": "2026-10-05", "until": "2026-10-31"})  # fmt: skip


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Goods is closed until Oct 31, 2026; Oct 5, 2026 lies before."), ("zh-CN", "物料 已关账至 2026年10月31日，2026年10月5日 在此之前。")],
)  # fmt: skip
def test_days_are_written_as_the_reader_writes_them(language: str, title: str) -> None:
    """As the web app shows days elsewhere; on the wire they stay ISO 8601."""
    assert wording(CLOSED, language)[0] == title
    assert CLOSED.params["until"] == "2026-10-31"


@pytest.mark.parametrize("text", ["2026-13-05", "2026-10-05-A", "L-2026-10-05"])
def test_what_only_looks_like_a_day_stays(text: str) -> None:
    """The number of a lot is no day."""
    assert (
        text in wording(Problem("registers.period_closed", "", {"register": "x", "date": text, "until": ""}), "en")[0]
    )
