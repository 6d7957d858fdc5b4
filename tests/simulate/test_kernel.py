from harness.simulate.kernel import Kernel


def test_deeds_are_done_in_order_of_their_time_and_of_their_asking():
    kernel, done = Kernel(), []
    for when_s, name in ((2.0, "c"), (1.0, "a"), (1.0, "b"), (3.0, "d")):
        kernel.at(when_s, lambda name: done.append((kernel.now, name)), name)
    assert kernel.run(2.5) is False
    assert done == [(1.0, "a"), (1.0, "b"), (2.0, "c")]
    assert kernel.now == 2.5


def test_a_deed_may_ask_for_another_within_the_same_run():
    kernel, done = Kernel(), []

    def again():
        done.append(kernel.now)
        kernel.at(kernel.now + 1, again)

    kernel.at(0.5, again)
    kernel.run(3)
    assert done == [0.5, 1.5, 2.5]


def test_it_stops_at_the_first_deed_after_which_the_condition_holds():
    kernel, done = Kernel(), []

    def deed():
        done.append(kernel.now)
        kernel.stirred = True

    for when_s in (1.0, 2.0, 3.0):
        kernel.at(when_s, deed)
    assert kernel.run(10, lambda: len(done) == 2) is True
    assert kernel.now == 2.0
    assert kernel.run(10, lambda: len(done) == 2) is True  # it holds already: no time passes
    assert kernel.now == 2.0
