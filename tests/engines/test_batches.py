from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.batches import windows

LENGTHS = st.lists(st.integers(0, 60))


@given(LENGTHS, st.integers(1, 9), st.integers(0, 99))
def test_every_position_once_in_a_window_of_its_own_length(lengths: list[int], width: int, room: int) -> None:
    found = list(windows(lengths, width=width, room=room))
    assert sorted(position for _, batch in found for position in batch) == list(range(len(lengths)))
    for begin, batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[position] for position in batch) <= room
        assert begin % width == 0
        assert all(begin <= lengths[position] < begin + width for position in batch)


def test_longest_first_and_the_order_given_among_equals() -> None:
    assert list(windows([3, 9, 3, 8], width=4, room=24)) == [(8, [1, 3]), (0, [0, 2])]
