"""Where the project's packages are found, and where not."""

from importlib import import_module, util

import pytest


@pytest.mark.parametrize("folder", ["harness", "tests", "results", "docs", "benchmarks"])
def test_the_checkout_itself_is_no_part_of_the_package(folder: str) -> None:
    assert util.find_spec(f"harness.{folder}") is None


@pytest.mark.parametrize("name", ["methods.alpharec", "datasets.movielens_100k", "methods.bifair.outer"])
def test_plug_in_folders_are_packages_of_the_harness(name: str) -> None:
    assert import_module(f"harness.{name}").__name__ == f"harness.{name}"
