"""Runs of one number of threads have the same numbers, whatever ran before them and however linear algebra is told."""

import os

import pytest

import harness as h

from .conftest import House

SMALL = {"n_users": 200, "n_items": 300, "n_groups": 4}


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The variables that tell libraries their threads, unset."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_run_without_a_number_has_the_process_own_whatever_came_before(house: House) -> None:
    def threads(compute: dict[str, int], seed: int) -> str:
        spec = h.RunSpec(method="most_popular", dataset="long-tail", dataset_options=SMALL, seed=seed, compute=compute)
        run = h.run(spec, tracking_uri=house.store)
        return house.tracker.finished(run.id).tags["threads"]

    own = threads({}, 0)
    assert threads({"threads": int(own) + 1}, 1) == str(int(own) + 1)
    assert threads({}, 2) == own


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="linear algebra has one thread on one core")
def test_vectors_do_not_depend_on_the_threads_of_whoever_asked_first(
    house: House, libraries: pytest.MonkeyPatch
) -> None:
    vectors = []
    for number in ("1", "2"):
        libraries.setenv("HARNESS_HOME", str(house.folder / number))
        libraries.setenv("OPENBLAS_NUM_THREADS", number)
        rows = [f"{item},{' '.join(f'w{(item * k) % 211}' for k in range(1, 9))},rock" for item in range(400)]
        (house.folder / "items.csv").write_text("\n".join(["i,title,genres", *rows]) + "\n")
        pairs = [f"{user},{(user * 7 + k * 13) % 400},{k}" for user in range(120) for k in range(30)]
        (house.folder / "t.csv").write_text("\n".join(["u,i,at", *pairs]) + "\n")
        said = house.apart(*house.quick(encoder__name="tfidf-svd", encoder__pca=16), "--method", "alpharec")
        assert said.code == 0, said.err
        vectors.append(house.last(method="alpharec").tags["hash.embedding"])
    assert vectors[0] == vectors[1]
