"""A claim on the board that it was judged on, with what it rests on, seed by seed."""

from collections.abc import Mapping
from math import isnan

from harness.report.grid.arms import MeasuredArm
from harness.report.numbers import ABSENT, number, probability
from harness.report.site.addresses import Addresses, anchor, link
from harness.report.site.page import table_html
from harness.report.site.verdicts import PlacedClaim
from harness.report.writers.html import text_html
from harness.stats.verdict import interval_text, signed


def claim_html(one: PlacedClaim, file: str, addresses: Addresses) -> str:
    """The claim, its verdict, and the values of both arms, each with the way to its run."""
    tested, p, found = one.judged
    claim = tested.claim
    parts = [f"{found.word}{f': {found.reason}' if found.reason else ''}"]
    if tested.change is not None:
        size = (
            f"{signed(tested.change.change)} % ({interval_text(tested.change)})"
            if not isnan(tested.change.change)
            else ABSENT
        )
        parts.append(f"{tested.metric} of {claim.variant} against {claim.against} {size}, p (Holm) {probability(p)}")
    if claim.published is not None:
        parts.append(f"published: {claim.published:+g} %".replace("-", "−"))
    parts += [said for said in (tested.instead, tested.differs) if said]
    source = f"<p>{text_html(claim.source)}</p>" if claim.source else ""
    place = f" ({tested.place})" if tested.place else ""
    return (
        f'<div class="claim" id="{text_html(one.anchor)}"><h4>{text_html(claim.text + place)}</h4>\n{source}'
        f"<p>{text_html('; '.join(parts))}</p>\n{_pairs(one, file, addresses)}</div>\n"
    )


def _pairs(one: PlacedClaim, file: str, addresses: Addresses) -> str:
    tested = one.judged.tested
    own, other = tested.own, tested.other
    if own is None or other is None:
        return ""
    mine, theirs = own.values(tested.claim.metric), other.values(tested.claim.metric)

    def cell(arm: MeasuredArm, values: Mapping[int, float], seed: int) -> str:
        page = link(file, f"{addresses.runs(one.part, arm)}#{anchor(arm.runs[seed])}")
        mark = "" if arm.runs[seed].qualifies else "*"
        return f'<td class="n"><a class="number" href="{page}">{number(values[seed])}</a>{mark}</td>'

    shared = [seed for seed in mine if seed in theirs]
    rows = [
        f'<tr><th scope="row">{seed}</th>{cell(other, theirs, seed)}{cell(own, mine, seed)}'
        f'<td class="n">{signed(mine[seed] / theirs[seed] - 1) + " %" if theirs[seed] else ABSENT}</td></tr>'
        for seed in shared
    ]
    names = ("seed", other.variant, own.variant, "change")
    head = "".join(
        f'<th scope="col"{" class=n" if place else ""}>{text_html(name)}</th>' for place, name in enumerate(names)
    )
    unmet = any(not arm.runs[seed].qualifies for arm in (own, other) for seed in shared)
    note = '<p class="note">* No epoch met the rule: the most accurate one counts.</p>' if unmet else ""
    return table_html("pairs", f"{tested.metric} by seed", head, rows) + note
