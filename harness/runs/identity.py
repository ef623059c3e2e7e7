"""When two runs count as the same: spec, files that were read, code, plug-ins, device, threads and torch agree."""

from collections.abc import Mapping
from importlib import metadata

from harness.runs.compute import device_name, threads_of
from harness.runs.context import Context
from harness.runs.inputs import inputs_digest
from harness.runs.plugin_code import plugin_digest
from harness.spec.reference import reference_of
from harness.spec.run_spec import RunSpec
from harness.track import RecordedRun
from harness.track.environment import code_as_loaded, environment_tags

MEANING = ("spec", "evaluated", "inputs")
"""What a run means: the spec, whether test data was touched, and the user's files."""
IDENTITY = (*MEANING, "code", "plugins", "device", "threads", "version.torch")
"""What must agree for a finished run to stand for a new one: the meaning, the code, and the machine's arithmetic."""


def tags_of(spec: RunSpec, context: Context, touch_test: bool) -> dict[str, str]:
    """All that a run of ``spec`` says of itself: what was asked, and what it ran on.

    Raises:
        BadInput, Unavailable: where a file is not there, or a download has changed.
    """
    own = {
        "method": spec.method,
        "dataset": spec.dataset_name,
        "group": spec.group,
        "seed": str(spec.seed),
    }
    if spec.rerank.active:
        own["rerank"] = spec.rerank.name
    return environment_tags() | own | identifying_tags(spec, context, touch_test)


def identifying_tags(spec: RunSpec, context: Context, touch_test: bool) -> dict[str, str]:
    """What a run of ``spec`` is known by on this machine under this code: those of :data:`IDENTITY` that it has.

    Raises:
        BadInput, Unavailable: where a file is not there, or a download has changed.
    """
    own = {
        "spec": spec.digest,
        "evaluated": "test" if touch_test else "validation",
        "inputs": inputs_digest(spec, context),
        "code": code_as_loaded(),
        "device": device_name(spec.compute),
        "threads": str(threads_of(spec.compute)),
        "version.torch": metadata.version("torch"),
    }
    if foreign := plugin_digest(spec):
        own["plugins"] = foreign
    return own


def find_finished(
    spec: RunSpec, context: Context, *, touch_test: bool = True, anywhere: bool = False
) -> RecordedRun | None:
    """The finished run that stands for ``spec`` on this machine under this code, if there is one.

    With ``anywhere`` a run of other code or another machine stands for it too.
    """
    return find_by(identifying_tags(spec, context, touch_test), context, MEANING if anywhere else IDENTITY)


def find_by(tags: Mapping[str, str], context: Context, keys: tuple[str, ...] = IDENTITY) -> RecordedRun | None:
    """The newest finished run that has the same ``keys`` among ``tags``."""
    return context.tracker.find_finished({key: tags[key] for key in keys if key in tags})


def find_reference(spec: RunSpec, context: Context) -> RecordedRun | None:
    """The finished run that ``spec`` is measured by under ``fair_within``, whether or not it has touched test data."""
    reference = reference_of(spec)
    return find_finished(reference, context) or find_finished(reference, context, touch_test=False)
