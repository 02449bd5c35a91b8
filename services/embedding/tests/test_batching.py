from hypothesis import given
from hypothesis import strategies as st
from sidemand.embedding.batching import within_budget


@given(st.lists(st.integers(1, 50)), st.integers(1, 60))
def test_batches_take_every_item_once_in_order_and_keep_the_budget(
    sizes: list[int], budget: int
) -> None:
    batches = list(within_budget(sizes, budget))
    assert [size for batch in batches for size in sizes[batch]] == sizes
    assert all(sum(sizes[b]) <= budget or b.stop - b.start == 1 for b in batches)
