import re
from xml.etree import ElementTree

import pytest

from harness.errors import HistoryError
from harness.report import formats
from tests.drawn import crash_of_owner
from tests.stored import stored_campaign


@pytest.fixture
def page(tmp_path):
    d = crash_of_owner()
    for node in ("m1", "m2", "m3"):
        for name in ("haproxy", "kube-apiserver", "etcd"):
            d.process(-5, node, name)
    d.write(1)
    d.readback(30, [])
    return formats.write(stored_campaign(tmp_path, d)).read_text()


def test_it_loads_nothing_and_needs_no_script(page):
    assert not re.search(r"<(script|link|img|iframe)\b|url\(|@import|https?://(?!www\.w3\.org)", page)


def first(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found


def test_its_drawings_are_sound_and_labelled(page):
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(drawings) == 2
    for drawing in drawings:
        assert ElementTree.fromstring(drawing)[0].text


def test_it_shows_the_verdict_the_measures_and_what_was_added(page):
    assert "VIP on m2 2.999–3.000" in page or "VIP on m2 3.000" in page
    assert "m2&#39;s haproxy evicted master (L4TOUT)" in page
    assert "+    vrrp_notify_fifo /run/keepalived/harness.fifo" in page
    assert "keepalived 2.2.7" in page


def test_it_shows_what_was_predicted_beside_what_was_measured(page):
    measures = page[page.index("<h3>Measures ") :]
    row = first(r'<tr><th scope="row">VIP migration</th>(.*?)</tr>', measures)[1]
    assert row.endswith('<td class="predicted">2.57–3.57</td>')
    assert re.search(r"<br><small>10–12</small>", measures)
    chain = first(r"(?s)<svg.*?</svg>", page)[0]
    band = ElementTree.fromstring(first(r'<rect[^>]*class="predicted".*?</rect>', chain)[0]).attrib
    bar = ElementTree.fromstring(first(r'<rect[^>]*class="link undetected".*?</rect>', chain)[0]).attrib
    # To scale: detection ends 3.0 s from the fault, and 2.57–3.57 is drawn around that.
    second = float(bar["width"]) / 2.999
    left, width = float(band["x"]) - float(bar["x"]), float(band["width"])
    assert (left / second, width / second) == pytest.approx((2.566, 1.0), abs=0.01)


def test_what_others_wrote_is_escaped(page):
    assert "A &lt;summary&gt; &amp; more." in page


def test_every_class_of_the_drawings_has_a_colour(page):
    used = {c for group in re.findall(r'<rect[^>]*class="([^"]+)"', page) for c in group.split()}
    style = page[page.index("<style>") : page.index("</style>")]
    shapeless = {"bar", "link", "req", "lat"}
    assert {c for c in used - shapeless if f".{c}" not in style} == set()


def test_a_folder_without_a_trial_is_told(tmp_path):
    with pytest.raises(HistoryError, match="no trial there"):
        formats.write(tmp_path)
