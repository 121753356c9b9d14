"""What one thread is enough for, one thread does; the others find it done."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from ml.one_by_one import OneByOne


def test_one_thread_makes_what_all_ask_for() -> None:
    turns, made, together = OneByOne(), {}, Barrier(8)
    begun: list[int] = []

    def ask(key: int) -> int:
        together.wait()
        with turns.turn(key):
            if key not in made:
                begun.append(key)
                time.sleep(0.02)
                made[key] = 10 * key
            return made[key]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, [1, 2] * 4))
    assert found == [10, 20] * 4
    assert sorted(begun) == [1, 2]
    assert not turns._turns


def test_different_keys_do_not_wait_for_each_other_and_one_thread_may_come_again() -> None:
    turns, together = OneByOne(), Barrier(2)

    def meet(key: str) -> bool:
        with turns.turn(key), turns.turn(key):
            together.wait(10)
        return True

    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(meet, ["one", "other"]))


def test_a_turn_that_fails_is_over() -> None:
    turns = OneByOne()
    for _ in range(2):
        try:
            with turns.turn("key"):
                raise OSError
        except OSError:
            pass
    assert not turns._turns
