"""The contract of encoders, over all that are registered and whose weights this machine has."""

from collections.abc import Callable
from typing import NoReturn

import pytest

from harness.base.errors import HarnessError
from harness.plugins.registry import registry
from harness.spec.options import EncoderOptions
from harness.testing import EncoderContract

FITTED = ("tfidf-svd",)
DEFAULT = EncoderOptions().name


class TestEveryEncoder(EncoderContract):
    @pytest.fixture(autouse=True, params=registry.names("encoder"))
    def _each(
        self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, missing: Callable[[str], NoReturn]
    ) -> None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        self.encoder = request.param
        self.fitted = self.encoder in FITTED
        try:
            self.make().fingerprint()
        except HarnessError as error:
            missing(str(error)) if self.encoder == DEFAULT else pytest.skip(str(error))
