"""The cache keeps to its capacity, whoever uses it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from tiles.cache import LruCache


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), max_size=60))
def test_weight_never_exceeds_capacity_and_the_last_used_stay(puts: list[tuple[int, int]]) -> None:
    cache: LruCache[int, int] = LruCache(50)
    weights: dict[int, int] = {}
    for key, weight in puts:
        cache.put(key, weight, weight=weight)
        weights.pop(key, None)
        weights[key] = weight
        while sum(weights.values()) > 50:
            weights.pop(next(iter(weights)))
        assert {key for key in range(10) if cache.get(key) is not None} == set(weights)
        for known in weights:  # restore the order that the look above changed
            cache.get(known)


def test_what_is_too_heavy_is_not_kept() -> None:
    cache: LruCache[str, str] = LruCache(10)
    cache.put("a", "x", weight=5)
    cache.put("b", "y", weight=11)
    assert (cache.get("a"), cache.get("b"), len(cache)) == ("x", None, 1)
    cache.put("a", "z", weight=11)
    assert cache.get("a") is None
    cache.clear()
    assert len(cache) == 0


def test_threads_share_it() -> None:
    cache: LruCache[int, int] = LruCache(100)

    def work(seed: int) -> None:
        for i in range(500):
            cache.put((seed * i) % 70, i, weight=3)
            cache.get(i % 70)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(cache) <= 33
