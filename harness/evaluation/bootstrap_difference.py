"""What lies between two runs, and how sure that is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BootstrapDifference:
    """One metric of two runs.

    Attributes:
        first, second: as measured on all users
        difference: second − first
        low, high: the percentile interval of the difference; NaN where a value is undefined in every resample
        undefined: resamples in which a run has no value (the CV of utilities that are all zero), which are left out
        resamples: how many there were
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    undefined: int
    resamples: int

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside of the interval; False where there is none."""
        return self.low > 0 or self.high < 0
