import os

from harness.agent.notify import Fifo


def test_whole_lines_are_states_and_a_torn_one_waits(tmp_path):
    path = str(tmp_path / "fifo")
    fifo = Fifo(path)
    writer = os.open(path, os.O_WRONLY)
    os.write(writer, b'INSTANCE "VI_1" BACKUP 109\nGROUP "G" MASTER 0\nINSTANCE "VI_1" MAS')
    assert list(fifo.read()) == [("VI_1", "BACKUP", 109)]
    os.write(writer, b"TER 111\n")
    assert list(fifo.read()) == [("VI_1", "MASTER", 111)]
    assert list(fifo.read()) == []
    os.close(writer)
