"""The parts of a run's spec: data, encoder, training, evaluation, machine."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from harness.base.errors import unknown
from harness.base.frozen import Frozen, Grown
from harness.base.sizes import Size
from harness.domain.exposure_names import EXPOSURE_DISPARITIES
from harness.plugins.configured import configured
from harness.plugins.registry import registry
from harness.spec.encoder_kind import config_of, kind_of
from harness.spec.selection import parse

ACCURACY = ("recall", "ndcg", "precision", "hit_rate", "mrr", "map")
"""Metrics that tables begin with, in this order."""

DEFAULT = "default"
"""Stands among the names of metrics for all that a run computes where nothing is said."""

TRAINED = "{group}"
"""Stands for the grouping trained on, whichever that is."""

MOST_EPOCHS = 100_000
LEAST_SHARE = 0.001
"""Of a part of the split; less than that leaves it empty."""


class DataOptions(Frozen):
    """From raw interactions to the split (protocol: positive feedback, k-core, per-user random split unless said)."""

    min_rating: float | None = Field(4.0, description="keep ratings of at least this, where ratings exist")
    core: int = Field(5, ge=1, description="every user and item keeps at least so many interactions")
    split: Literal["random", "leave_one_out", "temporal", "given"] = Field(
        "random",
        description="each user's at random, each user's last two, everybody's by time, or as the data come divided",
    )
    ratios: tuple[float, float, float] = Field(
        (0.4, 0.3, 0.3), description="training, validation, test; leave_one_out and given have none"
    )
    split_seed: int | None = Field(None, ge=0, lt=2**63, description="seed of the split; unset: the run's seed")
    text: str = Field("{title}", min_length=1, description="an item's text, a template over its columns")

    @field_validator("ratios")
    @classmethod
    def _ratios_divide_everything(cls, ratios: tuple[float, float, float]) -> tuple[float, float, float]:
        if min(ratios) < LEAST_SHARE or abs(sum(ratios) - 1) > 1e-9:
            raise ValueError(f"three shares of at least {LEAST_SHARE} that sum to 1 are needed, not {ratios}")
        return ratios


class VectorOptions(Frozen):
    """What is done to the items' vectors, in this order; fitted on them alone, so no interaction is involved."""

    centre: bool = Field(False, description="subtract their mean")
    pca: int | None = Field(None, ge=1, description="keep so many principal components of the centred vectors")
    whiten: bool = Field(False, description="scale principal components to variance 1: covariance is the identity")
    normalise: bool = Field(False, description="divide each vector by its L2 norm")


class EncoderOptions(VectorOptions, Grown):
    """The language model, and what is done to its vectors."""

    later: ClassVar[tuple[str, ...]] = ("erase", "erase_by")

    name: str = Field("all-MiniLM-L6-v2", description="a registered encoder, a sentence-transformers name or a folder")
    options: SerializeAsAny[Frozen] = Field(default_factory=dict, description="the encoder's own options")  # type: ignore[assignment]
    batch_size: Size = Field(64, description="texts that are encoded at a time")
    erase: str = Field(
        "",
        description="a grouping of items, such as genre, or {group} for the one trained on: after all else the vectors "
        "are changed so that no linear classifier tells its groups apart",
    )
    erase_by: Literal["leace", "whitening"] = Field(
        "leace",
        description="how groups are erased: leace changes vectors as little as that takes, knowing them alone; "
        "whitening knows the groups, and gives them one covariance, too, as far as their sizes allow",
    )

    @field_validator("erase")
    @classmethod
    def _erased_groups_are_registered(cls, name: str) -> str:
        return registry.check("grouping", name) if name and name != TRAINED else name

    @model_validator(mode="after")
    def _something_is_erased(self) -> "EncoderOptions":
        if self.erase_by != "leace" and not self.erase:
            raise ValueError(f"erase_by={self.erase_by} needs groups to erase: encoder.erase, such as genre")
        return self

    @model_validator(mode="before")
    @classmethod
    def _options_are_the_encoders_own(cls, raw: Any) -> Any:
        name = raw.get("name", cls.model_fields["name"].default) if isinstance(raw, Mapping) else None
        if not isinstance(name, str):
            return raw
        kind = kind_of(name)
        return {**raw, "name": kind.name if kind else name, "options": config_of(name, raw.get("options", {}))}


class TrainingOptions(Frozen):
    """The epoch loop and what selects the epoch that is kept."""

    max_epochs: int = Field(60, ge=1, le=MOST_EPOCHS, description="epochs at most")
    patience: int = Field(10, ge=1, le=MOST_EPOCHS, description="epochs without improvement before stopping")
    selection: str = Field(
        "best_ndcg",
        description="what picks the epoch, on validation: best_ndcg, or fair_within:0.02 (the fairest of those with at "
        "least 98 % of the NDCG of evaluation.reference); unset: the method's own",
    )

    @field_validator("selection")
    @classmethod
    def _selection_is_a_rule(cls, text: str) -> str:
        return str(parse(text))


class EvaluationOptions(Grown):
    """Full ranking at several cut-offs."""

    later: ClassVar[tuple[str, ...]] = ("exposure",)

    ks: tuple[int, ...] = Field((10, 20), min_length=1, description="cut-offs")
    headline_k: int = Field(20, ge=1, description="the cut-off that selects and that tables lead with")
    metrics: tuple[str, ...] = Field(
        (),
        description="metrics of lists; empty, or 'default' among names: all that are registered but those on request",
    )
    exposure: tuple[str, ...] = Field(
        (), description="disparities of exposure on request, such as awrf, beside the others"
    )
    users: int | None = Field(None, ge=1, description="rank a random sample of so many users; unset: all of them")
    origins: bool = Field(True, description="say how much unfairness is prior and how much is training")
    reference: str = Field(
        "alpharec", description="the method trained afresh for that on a learnt Z, and fair_within's"
    )
    reference_options: dict[str, Any] = Field(
        default_factory=dict, description="that method's own options; unset ones are at their defaults"
    )

    @field_validator("metrics")
    @classmethod
    def _metrics_are_registered(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """Names as their owners spell them; for 'default', or without any, the default ones."""
        given = [own for name in names or (DEFAULT,) for own in (_default_metrics() if name == DEFAULT else (name,))]
        return tuple(dict.fromkeys(registry.get("metric", name).name for name in given))

    @field_validator("exposure")
    @classmethod
    def _exposure_is_on_request(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = [name for name, found in EXPOSURE_DISPARITIES.items() if found.on_request]
        if strange := [name for name in names if name not in known]:
            raise unknown("disparity of exposure on request", strange[0], known)
        return tuple(dict.fromkeys(names))

    @field_validator("reference")
    @classmethod
    def _reference_is_registered(cls, name: str) -> str:
        return registry.check("method", name)

    @model_validator(mode="after")
    def _reference_has_its_options(self) -> "EvaluationOptions":
        if self.reference_options:
            configured("method", self.reference, self.reference_options, "evaluation.reference_options")
        return self

    @model_validator(mode="after")
    def _cutoffs_are_sane(self) -> "EvaluationOptions":
        if min(self.ks) < 1 or len(set(self.ks)) != len(self.ks):
            raise ValueError(f"cut-offs must be distinct and at least 1, not {self.ks}")
        if self.headline_k not in self.ks:
            raise ValueError(f"headline_k={self.headline_k} is not among ks={self.ks}")
        return self


def _default_metrics() -> list[str]:
    """Accuracy first, then by name all others that can be used and wait for no request."""
    broken = registry.broken("metric")
    usable = [name for name in dict.fromkeys([*ACCURACY, *registry.names("metric")]) if name not in broken]
    return [name for name in usable if not registry.get("metric", name).on_request]


class ComputeOptions(Frozen):
    """The machine: no part of what a run means, though a different one may differ in the last bits."""

    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="cpu, mps, cuda or cuda:1; auto: the first accelerator, else the processor",
    )
    threads: int | None = Field(None, ge=1, le=1024, description="threads for tensors; unset: all cores")
