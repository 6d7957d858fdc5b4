from bench import rules


def test_the_document_is_what_the_rules_say():
    assert rules.document() == rules.DOCUMENT.read_text(), "write it anew: python -m bench.rules"
