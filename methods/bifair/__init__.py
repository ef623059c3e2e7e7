"""BiFair: bi-level training of representations Z and projector θ under adaptive group weights.

J. Zhang et al., *BiFair: A Fairness-aware Training Framework for LLM-enhanced Recommender Systems via Bi-level
Optimization*, arXiv 2507.04294 (2025). One file per part of the paper: ``inner`` (the step of θ and its look-ahead),
``hypergradient`` (finite differences, eq. 7), ``weights`` (adaptive inter-group balancing, eqs. 8–12 and Algorithm 2),
``outer`` (the gradient of Z), ``representations`` (the step of Z), ``method`` (Algorithm 1). Where the public text is
silent the docstrings say "our reading".
"""

from harness.methods.bifair.method import BiFair

__all__ = ["BiFair"]
