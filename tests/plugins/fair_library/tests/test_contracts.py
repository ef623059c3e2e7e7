"""The package's plug-ins keep the harness's contracts."""

from harness.testing import (
    DatasetContract,
    DisparityContract,
    GroupingContract,
    MethodContract,
    MetricContract,
    StudyContract,
)


class TestDecade(GroupingContract):
    grouping = "decade"


class TestHoover(DisparityContract):
    disparity = "hoover"


class TestNovelty(MetricContract):
    metric = "novelty"
    bounds = (0.0, 1.0)


class TestTextProfile(MethodContract):
    method = "text_profile"


class TestVillageLibrary(DatasetContract):
    dataset = "village-library"


class TestShelves(StudyContract):
    study = "shelves"
