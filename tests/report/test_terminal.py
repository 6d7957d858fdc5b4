from rich.console import Console

from harness import campaign, store
from harness.report import terminal
from tests.drawn import crash_of_owner
from tests.stored import stored_campaign


def told(renderable) -> str:
    console = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(renderable)
    console.file.close()
    return console.export_text()


def test_the_tables_say_what_the_verdict_holds(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    verdict = store.load_verdict(next(store.trials(folder)))
    text = told(terminal.table(verdict))
    assert "kill-node on article" in text
    assert "m1 at 3.0" in text
    assert "2.999" in text or "3.000" in text
    assert "connect_timeout" in text
    (migration,) = [line.split() for line in text.splitlines() if line.startswith("VIP migration")]
    assert migration[-1] == "2.57–3.57"
    assert "(10–12)" in text


def test_a_summary_only_where_there_are_several(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    verdict = campaign.judge(next(store.trials(folder)))
    assert told(terminal.summary([verdict])).strip() == ""
    assert told(terminal.summary([verdict, verdict])).count("kill-node") == 2
