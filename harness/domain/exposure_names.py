"""What is reported of the exposure of groups of items: names, equations, sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_SINGH = "Singh and Joachims, KDD 2018"


_SAPIEZYNSKI = "Sapiezynski et al., WWW 2019 companion: attention-weighted rank fairness"


_ZHU = "Zhu, Wang and Caverlee, SIGIR 2020"


@dataclass(frozen=True)
class ExposureDisparity:
    """How unequally groups of items are shown.

    Attributes:
        summary: one line for ``harness list``
        equation: e_g, ẽ_g: the group's share of places, and of places that count 1/log2(r + 1) at rank r; c_g, r_g:
            its share of the catalogue, and of the target interactions
        reference: where it comes from
        better: which way is fairer
    """

    summary: str
    equation: str
    reference: str
    better: Literal["lower", "higher"] = "lower"


EXPOSURE_DISPARITIES: Mapping[str, ExposureDisparity] = {
    "dp": ExposureDisparity(
        "share of exposure that other groups would need to match their shares of the catalogue",
        "½ Σ_g |e_g − c_g|",
        f"{_SINGH}: demographic parity",
    ),
    "dp_discounted": ExposureDisparity(
        "the same, a place at rank r counting 1/log2(r + 1)", "½ Σ_g |ẽ_g − c_g|", f"{_SINGH}; {_SAPIEZYNSKI}"
    ),
    "eo": ExposureDisparity(
        "share of exposure that other groups would need to match their shares of target interactions",
        "½ Σ_g |e_g − r_g|",
        f"{_SINGH}: exposure in proportion to relevance",
    ),
    "eo_discounted": ExposureDisparity(
        "the same, a place at rank r counting 1/log2(r + 1)", "½ Σ_g |ẽ_g − r_g|", f"{_SINGH}; {_SAPIEZYNSKI}"
    ),
    "rsp": ExposureDisparity(
        "relative deviation of the chance to be listed, over groups",
        "std_g(P_g) / mean_g(P_g), P_g = Σ_u |L_u ∩ g| / Σ_u |g without u's masked items|",
        f"{_ZHU}: ranking-based statistical parity",
    ),
    "reo": ExposureDisparity(
        "relative deviation of the chance of a wanted item to be listed, over groups",
        "std_g(P_g) / mean_g(P_g), P_g = Σ_u |L_u ∩ g ∩ R_u| / Σ_u |g ∩ R_u|, R_u the targets of u",
        f"{_ZHU}: ranking-based equal opportunity",
    ),
}
