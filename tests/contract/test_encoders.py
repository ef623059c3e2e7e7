"""The contract of encoders, over all that are registered and whose weights this machine has."""

import pytest

from harness.base.errors import HarnessError
from harness.plugins.registry import registry
from harness.testing import EncoderContract

FITTED = ("tfidf-svd",)


class TestEveryEncoder(EncoderContract):
    @pytest.fixture(autouse=True, params=registry.names("encoder"))
    def _each(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        self.encoder = request.param
        self.fitted = self.encoder in FITTED
        try:
            self.make().fingerprint()
        except HarnessError as error:
            pytest.skip(str(error))
