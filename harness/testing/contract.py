"""What holds for plug-ins of every kind."""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from harness.plugins import Frozen, Plugin
from harness.plugins.protocols.intervention import FAMILY_WORDS, SIDE_WORDS, Intervention
from harness.plugins.registry import registry

P = TypeVar("P", bound=Plugin)


class Contract(Generic[P]):
    """A suite of tests for one plug-in; a subclass names it in the attribute that is called like its kind.

    Attributes:
        kind: the plug-in's kind
        config: the plug-in's own options in these tests, where it has any
    """

    kind: ClassVar[str]
    config: Mapping[str, Any] = {}

    @property
    def plugin(self) -> type[P]:
        """The plug-in's class."""
        return registry.get(self.kind, getattr(self, self.kind))

    def options(self) -> Frozen:
        """The plug-in's options in these tests."""
        return self.plugin.Config.model_validate(dict(self.config))

    def test_is_described(self) -> None:
        plugin = self.plugin
        assert issubclass(plugin, Plugin)
        assert plugin.name
        for attribute in ("summary", "equation", "reference"):
            text = getattr(plugin, attribute, "(has none)")
            assert isinstance(text, str), f"{attribute} is text"
            assert text.strip(), f"{attribute} says something"
            assert attribute != "summary" or "\n" not in text, "a summary is one line"

    def test_says_where_it_comes_in_and_whom_it_is_fair_to(self) -> None:
        plugin = self.plugin
        if issubclass(plugin, Intervention):
            assert plugin.family in FAMILY_WORDS
            assert plugin.side in SIDE_WORDS
            assert bool(plugin.family) == bool(plugin.side), "it is fair to somebody or has no family"

    def test_options_survive_a_round_trip(self) -> None:
        dumped = self.options().model_dump(mode="json")
        assert self.plugin.Config.model_validate(dumped).model_dump(mode="json") == dumped

    def test_what_it_uses_is_there(self) -> None:
        for use in self.plugin.uses(self.options()):
            found = registry.get(use.kind, use.name)
            assert use.config is None or isinstance(use.config, found.Config)
