"""What is reported of the exposure of groups of items: names, equations, sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_SINGH = "Singh and Joachims, KDD 2018"


_SAPIEZYNSKI = "Sapiezynski et al., WWW 2019 companion: attention-weighted rank fairness"


_ZHU = "Zhu, Wang and Caverlee, SIGIR 2020"


_DIAZ = "Diaz et al., CIKM 2020: expected exposure, of groups as in Raj and Ekstrand, SIGIR 2022"


_TSINTZOU = "Tsintzou, Pitoura and Tsaparas, RMSE workshop 2019, arXiv 1811.01461"


@dataclass(frozen=True)
class ExposureDisparity:
    """How unequally groups of items are shown.

    Attributes:
        summary: one line for ``harness list``
        equation: e_g, ẽ_g: the group's share of places, and of places that count 1/log2(r + 1) at rank r; c_g, r_g:
            its share of the catalogue, and of the target interactions
        reference: where it comes from
        better: which way is fairer
        on_request: whether it is computed only where ``evaluation.exposure`` names it
    """

    summary: str
    equation: str
    reference: str
    better: Literal["lower", "higher"] = "lower"
    on_request: bool = False


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
    "awrf": ExposureDisparity(
        "mean distance of a list's exposure of groups from their shares of the catalogue",
        "mean_u ½ Σ_g |ẽ_g(L_u) − c_g|, ẽ_g(L_u) the group's share of the discounted places of one list",
        f"{_SAPIEZYNSKI}, as distances of lists in Raj and Ekstrand, SIGIR 2022",
        on_request=True,
    ),
    "ee_l": ExposureDisparity(
        "squared distance of groups' exposure from the ideal that treats all targets alike",
        "Σ_g (ε_g − ε*_g)², means over users of what the items of g get, as for the metric ee_l",
        _DIAZ,
        on_request=True,
    ),
    "ee_d": ExposureDisparity(
        "concentration of exposure in few groups",
        "Σ_g ε_g², ε_g the mean over users of what the items of g get, as for the metric ee_d",
        _DIAZ,
        on_request=True,
    ),
    "ee_r": ExposureDisparity(
        "agreement of groups' exposure with the ideal that treats all targets alike",
        "2 Σ_g ε_g ε*_g, means over users of what the items of g get, as for the metric ee_r",
        _DIAZ,
        "higher",
        on_request=True,
    ),
    "bias_disparity": ExposureDisparity(
        "how far groups' shares of lists are from their shares of users' training interactions",
        "mean_g |B_R(g) − B_S(g)| / B_S(g), B(g) = Σ_u |g ∩ X_u| / Σ_u |X_u| / (|g| / n_items), X_u: L_u or training",
        f"{_TSINTZOU}: bias disparity of all users",
        on_request=True,
    ),
    "pair_bias_disparity": ExposureDisparity(
        "how far user groups' shares of item groups in lists are from those in training; of two-sided groups",
        "mean_{G,C} |B_R(G,C) − B_S(G,C)| / B_S(G,C), B(G,C) = PR(G,C) / (|C| / n_items), "
        "PR(G,C) = Σ_{u∈G} |C ∩ X_u| / Σ_{u∈G} |X_u|, X_u: L_u (R) or training (S)",
        f"{_TSINTZOU}: bias disparity of a group of users towards a category; the mean over pairs is our reading",
        on_request=True,
    ),
    "pair_bias_undefined": ExposureDisparity(
        "number of pairs that pair_bias_disparity leaves out, without training interactions or lists",
        "|{(G,C): B_S(G,C) = 0, or G has no training interactions, or is shown nothing}|",
        f"{_TSINTZOU}: of its bias disparity",
        on_request=True,
    ),
}

OF_PAIRS = ("pair_bias_disparity", "pair_bias_undefined")
"""Those of groups of users and groups of items at once; whoever asks for the first is given the second, too."""

ALWAYS = tuple(name for name, found in EXPOSURE_DISPARITIES.items() if not found.on_request)
"""Those that are reported of every grouping of items."""
