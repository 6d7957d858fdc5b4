from bench import scripts


def test_the_page_of_script_tables_is_what_is_stored():
    assert scripts.PAGE.read_text() == scripts.page()
