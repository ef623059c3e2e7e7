"""A variational autoencoder of users' histories with a multinomial likelihood (Liang et al., WWW 2018)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.base.changing import Changing
from harness.base.late import functional, torch


class MultinomialVAE(Changing):
    """q_φ(z|x) = N(μ_φ(x), diag σ²_φ(x)) and π_θ(z) = softmax(f_θ(z)); tanh between the layers.

    Args:
        n_items, hidden, latent: widths n_items → hidden → 2·latent and latent → hidden → n_items
        generator: of the initial weights: Xavier uniform, biases 0
    """

    changes = ("parameters",)
    names = ("encoder.0", "encoder.1", "decoder.0", "decoder.1")

    def __init__(self, n_items: int, hidden: int, latent: int, generator: torch.Generator) -> None:
        widths = [(n_items, hidden), (hidden, 2 * latent), (latent, hidden), (hidden, n_items)]
        self.parameters: dict[str, torch.Tensor] = {}
        for name, (fan_in, fan_out) in zip(self.names, widths, strict=True):
            uniform = torch.rand(fan_out, fan_in, generator=generator, device=generator.device)
            self.parameters[f"{name}.weight"] = (2 * uniform - 1) * (6 / (fan_in + fan_out)) ** 0.5
            self.parameters[f"{name}.bias"] = torch.zeros(fan_out, device=generator.device)

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """μ and log σ² of the histories x (b, n_items), each shape (b, latent)."""
        hidden = torch.tanh(self._linear("encoder.0", x))
        mean, log_variance = self._linear("encoder.1", hidden).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """f_θ(z), the logits of π, shape (b, n_items)."""
        return self._linear("decoder.1", torch.tanh(self._linear("decoder.0", z)))

    def learnt(self) -> Sequence[torch.Tensor]:
        """The parameters in a fixed order."""
        return list(self.parameters.values())

    def _linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(x, self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"])


def kl_to_standard_normal(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """KL(N(μ, diag σ²) ‖ N(0, I)) = ½ Σ (σ² + μ² − 1 − log σ²) of each row, shape (b,)."""
    return (log_variance.exp() + mean.square() - 1 - log_variance).sum(dim=1) / 2


def corrupted(x: torch.Tensor, dropout: float, generator: torch.Generator) -> torch.Tensor:
    """Histories of unit length with entries dropped and the others scaled up, as in Liang et al.; shape of x."""
    unit = functional.normalize(x, dim=1)
    kept = torch.rand(x.shape, generator=generator, device=x.device) >= dropout
    return unit * kept / (1 - dropout)
