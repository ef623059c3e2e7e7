"""A section for each plug-in, from its class: what it is, its formula and source, its options."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from code_tables import code, options, table

from harness.domain.exposure_names import EXPOSURE_DISPARITIES
from harness.plugins.registry import registry

_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_REST = re.compile(r"^(Args|Attributes|Raises|Returns):$|^>>> ", re.MULTILINE)


def methods() -> str:
    """Every training method."""
    return "\n".join(_methods())


def balancers() -> str:
    """Every rule for group weights."""
    return _sections("balancer", "config.balancer_options.")


def rerankers() -> str:
    """Every re-ranker."""
    return _sections("reranker", "rerank.", without=("name",))


def groupings() -> str:
    """Every fairness definition."""
    return "\n".join(
        _heading(kind)
        + f"Groups of: {kind.side}s. Utility of a group: {kind.utility}. Summarised by: "
        + ", ".join(code(name) for name in kind.disparities)
        + (". Reads the columns: " + ", ".join(map(code, kind.requires)) if kind.requires else "")
        + ".\n\n"
        + options(kind.Config, f"groupings.{kind.name}.")
        for kind in _all("grouping")
    )


def encoders() -> str:
    """Every encoder of texts."""
    return _sections("encoder", "encoder.options.")


def metrics() -> str:
    """Every metric of top-K lists."""
    return "\n".join(_heading(kind) + _waits(kind, "metrics") + _formula(kind) for kind in _all("metric"))


def disparities() -> str:
    """Every summary of groups' utilities, then of what is shown of groups."""
    of_exposure = [
        f"## `{name}`\n\n{_sentence(found.summary)}\n\n{_waits(found, 'exposure')}{_formula(found)}"
        for name, found in EXPOSURE_DISPARITIES.items()
    ]
    return "\n".join([*(_heading(kind) + _formula(kind) for kind in _all("disparity")), *of_exposure])


def datasets() -> str:
    """Every data set that is declared, with its licence."""
    return "\n".join(_datasets())


def studies() -> str:
    """Every study: its question, what it compares, and how much of it a budget runs."""
    return "\n".join(_studies())


def _methods() -> Iterator[str]:
    for kind in _all("method"):
        needs = "item vectors from a language model" if kind.needs_text else "interactions alone"
        how = "epoch by epoch" if kind.iterative else "in closed form"
        facts = f"{_sentence(kind.described())} Learns from {needs}, {how}.\n\n"
        yield _heading(kind) + facts + options(kind.Config, "config.", kind.search_space)


def _datasets() -> Iterator[str]:
    for kind in _all("dataset"):
        card = kind.card
        rows = [
            ("licence", card.licence),
            ("to be cited as", card.citation),
            ("home", f"<{card.homepage}>" if card.homepage.startswith("http") else card.homepage or "–"),
            ("groupings", ", ".join(map(code, card.groupings))),
        ]
        yield _heading(kind) + f"{table(('', card.title), rows)}\n" + options(kind.Config, "dataset_options.")


def _studies() -> Iterator[str]:
    for name in registry.names("study"):
        study = registry.get("study", name)
        yield f"## `{name}`\n\n{_sentence(study.summary)}\n"
        if study.question:
            yield f"*{study.question}*\n"
        yield table(
            ("budget", "seeds", "trials"),
            [(code(key), _counted(budget.seeds), str(budget.trials or "–")) for key, budget in study.budgets.items()],
        )


def _sections(kind: str, prefix: str, without: tuple[str, ...] = ()) -> str:
    return "\n".join(_heading(one) + options(one.Config, prefix, without=without) for one in _all(kind))


def _all(kind: str) -> list[Any]:
    return [registry.get(kind, name) for name in registry.names(kind)]


def _heading(kind: Any) -> str:
    doc = _prose(inspect.getdoc(kind) or "")
    return f"## `{kind.name}`\n\n{_sentence(kind.summary)}\n\n" + (f"{doc}\n\n" if doc else "")


def _waits(kind: Any, option: str) -> str:
    """Whether it is computed only where an option of ``evaluation`` names it."""
    return f"On request: it is computed where `evaluation.{option}` names it.\n\n" if kind.on_request else ""


def _formula(kind: Any) -> str:
    better = {"lower": "Lower is better. ", "higher": "Higher is better. "}.get(kind.better, "")
    return f"```text\n{kind.equation}\n```\n\n{better}Source: {kind.reference}.\n"


def _prose(doc: str) -> str:
    """A docstring up to its lists, as Markdown."""
    end = _REST.search(doc)
    text = doc[: end.start()] if end else doc
    return _ROLE.sub(r"`\1`", text).replace("*", "\\*").replace("<", "\\<").strip()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(("?", ".", "…", ")")) else ".")


def _counted(seeds: Any) -> str:
    return str(len(seeds)) if hasattr(seeds, "__len__") else str(seeds)
