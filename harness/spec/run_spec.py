"""The one source of truth: flags, ``--set``, files, trials and Python calls all end in a :class:`RunSpec`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field, ModelWrapValidatorHandler, SerializeAsAny, ValidationError, model_validator

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.trees import digest_of, flatten
from harness.base.validation_message import bad_input
from harness.domain.exposure_names import OF_PAIRS
from harness.domain.items_alone import WHOM, require_items
from harness.plugins import Dataset, Grouping, MethodConfig, RerankConfig
from harness.plugins.configured import configured, validated
from harness.plugins.registry import registry
from harness.spec.definitions import resolved_groups
from harness.spec.options import (
    TRAINED,
    ComputeOptions,
    DataOptions,
    EncoderOptions,
    EvaluationOptions,
    TrainingOptions,
)
from harness.spec.spec_view import SpecView

Options = Mapping[str, Any]
"""Options by name, as a table."""


class RunSpec(Frozen):
    """Everything that defines a run; what is not said is at its default.

    Attributes:
        method, config: the method's name and its own options, such as ``{"eta": 0.002}``
        dataset, dataset_options: the data set's name, or the path of its card, and its own options
        group: the grouping trained on; unset: the data set's default
        groups, groupings: the groupings reported; options by grouping, such as ``{"genre": {"min_items": 30}}``
        seed: of the initialisation, and of the split unless ``data`` has ``split_seed``
        rerank: post-processing of the scores: a re-ranker's name, or its name and options
        data: ``min_rating``, ``core``, ``split``, ``ratios``, ``split_seed``, ``text``
        encoder: ``name``, ``options``, ``batch_size``; of its vectors ``centre``, ``pca``, ``whiten``, ``normalise``,
            ``erase``, ``erase_by``
        training: ``max_epochs``, ``patience``, ``selection`` (unset: the method's own)
        evaluation: ``ks``, ``headline_k``, ``metrics``, ``exposure``, ``users``, ``origins``, ``reference``,
            ``reference_options``
        compute: ``device``, ``threads``: no part of what the run means

    Raises:
        BadInput: one line with the key, what is wrong with it and the nearest valid choice.

    >>> import harness as h
    >>> spec = h.RunSpec(method="alpharec", dataset="movielens-100k", seed=1)
    >>> spec.group, spec.training.max_epochs, len(spec.digest)
    ('genre', 60, 16)
    """

    method: str = Field("bifair", description="what is trained: a method's name")
    config: SerializeAsAny[MethodConfig] = Field(default_factory=dict, description="the method's own options")  # type: ignore[assignment]
    dataset: str = Field("movielens-100k", description="a data set's name, or the path of a card")
    dataset_options: SerializeAsAny[Frozen] = Field(default_factory=dict, description="the data set's own options")  # type: ignore[assignment]
    group: str = Field("", description="the grouping trained on; empty: the data set's default")
    groups: tuple[str, ...] = Field((), description="the groupings reported; empty: all that the data set declares")
    groupings: dict[str, SerializeAsAny[Frozen]] = Field(default_factory=dict, description="options by grouping")
    seed: int = Field(0, ge=0, lt=2**63, description="of everything that is drawn: split, parameters, batches")
    rerank: SerializeAsAny[RerankConfig] = Field(
        RerankConfig(), description="post-processing of the scores: a re-ranker's name, or its name and options"
    )
    data: DataOptions = DataOptions()
    encoder: EncoderOptions = Field(default_factory=EncoderOptions)
    training: TrainingOptions = TrainingOptions()
    evaluation: EvaluationOptions = Field(default_factory=EvaluationOptions)
    compute: ComputeOptions = ComputeOptions()

    if TYPE_CHECKING:  # what type checkers cannot see: options may be tables, and everything has a default

        def __init__(
            self,
            *,
            method: str = ...,
            config: MethodConfig | Options = ...,
            dataset: str = ...,
            dataset_options: Frozen | Options = ...,
            group: str = ...,
            groups: Sequence[str] = ...,
            groupings: Mapping[str, Frozen | Options] = ...,
            seed: int = ...,
            rerank: RerankConfig | str | Options = ...,
            data: DataOptions | Options = ...,
            encoder: EncoderOptions | Options = ...,
            training: TrainingOptions | Options = ...,
            evaluation: EvaluationOptions | Options = ...,
            compute: ComputeOptions | Options = ...,
        ) -> None: ...

    @model_validator(mode="wrap")
    @classmethod
    def _in_one_line(cls, raw: Any, handler: ModelWrapValidatorHandler["RunSpec"]) -> "RunSpec":
        """Whichever way a spec is made, what is wrong with it is said in the user's terms."""
        try:
            return handler(raw)
        except ValidationError as error:
            raise bad_input(error, cls) from None

    @model_validator(mode="before")
    @classmethod
    def _resolve_plugins(cls, raw: Any) -> Any:
        """Look names up, validate plug-ins' options with their own classes, fill in what the data set declares."""

        if not isinstance(raw, Mapping):
            return raw
        spec = dict(raw)
        method = registry.get("method", spec.get("method", "bifair"))
        spec["method"] = method.name
        spec["config"] = configured("method", method.name, spec.get("config", {}), "config")
        spec["training"] = _with_selection(spec.get("training", {}), method.selection)
        dataset = dataset_of(spec.get("dataset", "movielens-100k"), spec.get("dataset_options", {}))
        spec["dataset"] = registry.check("dataset", spec.get("dataset", "movielens-100k"))
        spec["dataset_options"] = dataset.config
        spec |= resolved_groups(spec, dataset.card)
        spec["encoder"] = _with_erased(spec.get("encoder", {}), spec["group"])
        grouping = registry.get("grouping", spec["group"])
        trained = grouping(spec["groupings"].get(grouping.name) or grouping.Config())
        spec["rerank"] = _rerank_config(spec.get("rerank", {}), trained)
        return spec

    @model_validator(mode="after")
    def _only_groups_of_items_are_erased(self) -> "RunSpec":
        if self.encoder.erase and (side := self.erased.side) != "item":
            raise BadInput(
                f"encoder.erase: vectors are of items, '{self.encoder.erase}' groups {WHOM[side]}; "
                "choose a grouping of items"
            )
        return self

    @model_validator(mode="after")
    def _exposure_is_of_groups_that_are_reported(self) -> "RunSpec":
        for name in self.evaluation.exposure:
            sides = {registry.get("grouping", grouping).side for grouping in (self.group, *self.groups)}
            if name in OF_PAIRS and "both" not in sides:
                lacking = "users and of items at once: report a two-sided grouping, such as two_sided,"
            elif not sides & {"item", "both"}:
                lacking = "items: report a grouping of items, such as popularity,"
            else:
                continue
            raise BadInput(f"evaluation.exposure: {name} is of groups of {lacking} in groups")
        return self

    @property
    def erased(self) -> Grouping:
        """The definition whose groups are erased from the vectors, as this run has it; ``encoder.erase`` names one."""
        kind = registry.get("grouping", self.encoder.erase)
        return kind(self.groupings.get(kind.name) or kind.Config())

    @property
    def label(self) -> str:
        """The method and its post-processing, for people."""
        return self.view.label

    @property
    def view(self) -> SpecView:
        """What it says, as of a spec that was stored."""
        return SpecView(self.model_dump(mode="json"))

    @property
    def split_seed(self) -> int:
        """The seed of the split: its own where given, else the run's."""
        return self.seed if self.data.split_seed is None else self.data.split_seed

    @property
    def digest(self) -> str:
        """The hash that names the run: all of the spec but the machine."""
        return digest_of(self.model_dump(mode="json", exclude={"compute"}) | {"dataset": self.dataset_name})

    @property
    def dataset_name(self) -> str:
        """The data set's name, also where it is given as the path of its card."""
        return SpecView({"dataset": self.dataset}).dataset

    def flat(self) -> dict[str, Any]:
        """The spec as dotted keys, for parameters of the tracking store."""
        return flatten(self.model_dump(mode="json"))

    def options(self) -> dict[str, Any]:
        """:meth:`flat`, with the method's options that came later, which a spec leaves out while they are unsaid."""
        later: tuple[str, ...] = getattr(self.config, "later", ())
        return {f"config.{name}": getattr(self.config, name) for name in later} | self.flat()


def dataset_of(name: str, options: Any) -> Dataset:
    """The data set called ``name`` under its own ``options``, validated.

    Raises:
        BadInput: for an unknown name or option; options are named by ``dataset_options.KEY``.
    """
    return registry.get("dataset", name)(configured("dataset", name, options, "dataset_options"))


def _with_erased(given: Any, group: str) -> Any:
    """Options of the encoder, with the grouping's name where they say that the one trained on is erased."""
    if isinstance(given, EncoderOptions):
        return given.model_copy(update={"erase": group}) if given.erase == TRAINED else given
    return {**given, "erase": group} if isinstance(given, Mapping) and given.get("erase") == TRAINED else given


def _with_selection(given: Any, rule: str) -> Any:
    """Options of training, with the rule that picks the epoch where none is said."""
    if isinstance(given, TrainingOptions):
        return given if "selection" in given.model_fields_set else given.model_copy(update={"selection": rule})
    return {"selection": rule, **given} if isinstance(given, Mapping) else given


def _rerank_config(given: Any, trained: Grouping) -> RerankConfig:
    """A re-ranker's options, from its name, or from a table of its name and options.

    Raises:
        BadInput: where ``trained`` groups users: re-rankers look at what groups of items are shown.
    """
    if isinstance(given, RerankConfig):
        given = given.model_dump()
    tree = {"name": given} if isinstance(given, str) else given
    name = tree.get("name", "none") if isinstance(tree, Mapping) else "none"
    if name == "none":
        return validated(RerankConfig, tree, "rerank")
    reranker = registry.get("reranker", name)
    require_items(f"rerank: {reranker.name} needs", trained.name, trained.side)
    return configured("reranker", name, {**tree, "name": reranker.name}, "rerank")
