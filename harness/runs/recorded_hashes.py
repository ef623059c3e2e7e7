"""What a finished run was measured on: whether its data and groups are those of today, by the hashes on its record."""

from collections.abc import Iterable, Mapping

from harness.base.errors import BadInput
from harness.domain.membership import Membership
from harness.domain.metric_key import of_split
from harness.evaluation.evaluate import Fairness
from harness.runs.experiment import Experiment, groups_digest
from harness.track import RecordedRun, Tracker
from harness.track.names import clean_name


def measured_run(run_id: str, tracker: Tracker) -> RecordedRun:
    """The finished run of this id, which has been measured on test data.

    Raises:
        BadInput: where there is none, or it only selects.
    """
    found = tracker.finished(run_id)
    if not of_split(found.metrics, "test"):
        raise BadInput(f"run {run_id} has no test metrics: it only selects, as trials and whole studies do")
    return found


def require_same_interactions(run_id: str, tags: Mapping[str, str], experiment: Experiment) -> str:
    """What else of the data has changed since the run, or cannot be checked, in a line; empty where nothing has.

    Args:
        tags: of the run
        experiment: its data as they are prepared now

    Raises:
        BadInput: where it was trained and judged on other interactions than those of today.
    """
    then, now = {name: tags.get(f"hash.{name}") for name in ("data", "split")}, experiment.digests
    if None in then.values():
        return f"run {run_id} keeps no hash of its data: whether they have changed since cannot be checked"
    changed = [name for name, digest in then.items() if digest != now[name]]
    if "split" in changed:
        what = "other data" if "data" in changed else "another split"
        hashes = ", ".join(f"{name} {then[name]} then, {now[name]} now" for name in changed)
        raise BadInput(
            f"run {run_id} was measured on {what} than there are now (hash of {hashes}): bring back the files that it "
            "read, or run it again"
        )
    if not changed:
        return ""
    return (
        f"the tables of items or users have changed since run {run_id}, its interactions have not: "
        f"hash of data {then['data']} then, {now['data']} now"
    )


def same_groups(tags: Mapping[str, str], membership: Membership) -> bool | None:
    """Whether ``membership`` has the groups that the run had under that name; None where its record does not tell."""
    then = tags.get(clean_name(f"hash.{groups_digest(membership.grouping)}"))
    return None if then is None else then == membership.digest


def rule_tags(definitions: Iterable[Fairness]) -> dict[str, str]:
    """What a record keeps of the size from which groups are judged; runs from before that rule have no such tag."""
    return {clean_name(f"min_test.{one.membership.grouping}"): _least(one) for one in definitions}


def judged_otherwise(run_id: str, tags: Mapping[str, str], definition: Fairness) -> str:
    """In a line, that the recorded disparities of a run judged groups from another size on; empty where they did not.

    Args:
        tags: of the run
        definition: whose groups are judged now
    """
    ((name, now),) = rule_tags([definition]).items()
    then = tags.get(name, "1, as before that option")
    if then == now:
        return ""
    grouping = definition.membership.grouping
    return (
        f"run {run_id} was measured with {grouping} groups of at least {then} test interactions, here they have at "
        f"least {now}: its recorded disparities may count other groups; differences and intervals count the same ones"
    )


def _least(definition: Fairness) -> str:
    least = definition.least_test
    return " and ".join(f"{count} ({side}s)" if len(least) > 1 else str(count) for side, count in least.items())
