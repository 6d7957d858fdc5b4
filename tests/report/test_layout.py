from rich.console import Group
from rich.text import Text

from harness.report.layout import Fitting, Paragraph, Rows, wrapped
from tests.report.pages import piped, shown


def test_text_breaks_between_words_and_a_path_stands_whole():
    text = Text("see /a/path/that/is/longer/than/the/line: there")
    assert [line.plain for line in wrapped(text, 20)] == ["see", "/a/path/that/is/longer/than/the/line:", "there"]


def test_indented_lines_stay_indented():
    assert [line.plain for line in wrapped(Text("it said:\n  /a/long/path\n  no"), 6)] == [
        "it",
        "said:",
        "  /a/long/path",
        "  no",
    ]


def test_a_figure_keeps_its_unit_its_sign_and_its_setting():
    assert [line.plain for line in wrapped(Text("dark for 11.1–11.2 s, or ≥ 3 s"), 19)] == [
        "dark",
        "for 11.1–11.2 s, or",
        "≥ 3 s",
    ]
    assert [line.plain for line in wrapped(Text("a.conf:7 interval 3, :9 fall 10"), 26)] == [
        "a.conf:7 interval 3,",
        ":9 fall 10",
    ]


def test_styles_go_with_the_words():
    _, second = wrapped(Text.assemble("one ", ("two", "bold")), 4)
    assert (second.plain, str(second.spans[0].style)) == ("two", "bold")


def test_a_paragraph_hangs_behind_its_lead_and_is_one_line_in_a_pipe():
    paragraph = Paragraph("some words that go on", lead="✓ ", hang=1)
    assert shown(paragraph, 14) == ["✓ some words", "   that go on"]
    assert piped(paragraph) == ["✓ some words that go on"]


def test_however_wide_the_terminal_text_is_not():
    assert max(map(len, shown(Paragraph("word " * 100), 300))) <= 110


def rows() -> Rows:
    grid = Rows(("seconds", "best", "worst"), note="why")
    grid.add("the last failed request", "0.00", "12.34", note="because of haproxy.cfg:7 inter 2s")
    grid.add("short", "1", note="")
    return grid


def test_notes_stand_beside_their_rows_where_there_is_room():
    assert (
        shown(rows(), 80)
        == piped(rows())
        == [
            "seconds                  best  worst  why",
            "the last failed request  0.00  12.34  because of haproxy.cfg:7 inter 2s",
            "short                       1",
        ]
    )


def test_else_they_stand_below():
    assert shown(rows(), 40) == [
        "seconds, and why         best  worst",
        "the last failed request  0.00  12.34",
        "    because of haproxy.cfg:7 inter 2s",
        "short                       1",
    ]


def test_names_are_folded_before_figures_move():
    assert shown(rows(), 30)[:3] == [
        "seconds, and why   best  worst",
        "the last failed    0.00  12.34",
        "  request",
    ]


def test_a_name_of_one_long_word_has_a_line_of_its_own():
    grid = Rows(("backend", "s"))
    grid.add("control-plane-1.example.net", "1.5")
    assert shown(grid, 24) == ["backend                s", "control-plane-1.example.net", "                     1.5"]


def test_the_first_layout_that_fits_is_taken():
    wide, narrow = Rows(("a" * 30, "b" * 30)), Rows(("a", "b"))
    page = Group(Fitting([[wide], [narrow]]))
    assert shown(page, 80) == piped(page) == ["a" * 30 + "  " + "b" * 30]
    assert shown(page, 50) == ["a  b"]
