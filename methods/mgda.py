"""Multiple-gradient descent over groups."""

from harness.balance.gradient_weighted import GradientWeighted, GradientWeightedConfig
from harness.balance.rule_options import FrankWolfeConfig


class MgdaConfig(GradientWeightedConfig, FrankWolfeConfig):
    """What gradients are of, and how long Frank–Wolfe runs."""


class Mgda(GradientWeighted):
    """w = argmin_{w∈Δ} ‖Σ_k w_k g_k‖², then a step of θ on Σ_k w_k L_k  (Désidéri 2012; Sener & Koltun 2018).

    Along the min-norm point's negative no group ascends to first order. ``gram=factors`` takes the gradients at the
    shared representation, an upper bound that one backward pass gives (MGDA-UB, Sener & Koltun, section 3.3).
    """

    name = "mgda"
    summary = "the min-norm point of the group gradients: a common descent direction"
    reference = "Sener & Koltun, Multi-Task Learning as Multi-Objective Optimization, NeurIPS 2018, arXiv 1810.04650"
    Config = MgdaConfig
    config: MgdaConfig
    changes = ()
