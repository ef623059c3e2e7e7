"""The run that another is measured by."""

from harness.plugins import RerankConfig
from harness.plugins.configured import configured
from harness.plugins.registry import registry
from harness.spec.run_spec import RunSpec
from harness.spec.selection import BEST_NDCG, parse


def has_reference(spec: RunSpec) -> bool:
    """Whether ``spec`` chooses by comparison with a reference's run, as ``fair_within`` does."""
    return parse(spec.training.selection).share is not None


def reference_of(spec: RunSpec) -> RunSpec:
    """The run that ``spec`` is compared with: the reference method with its own options, everything else the same."""
    method = registry.get("method", spec.evaluation.reference)
    options = spec.evaluation.reference_options
    config = configured("method", method.name, options, "evaluation.reference_options")
    training = spec.training.model_copy(update={"selection": BEST_NDCG})
    evaluation = spec.evaluation.model_copy(update={"reference_options": {}})  # its own, now that they are its config
    own = {
        "method": method.name,
        "config": config,
        "rerank": RerankConfig(),
        "training": training,
        "evaluation": evaluation,
    }
    return spec.model_copy(update=own)
