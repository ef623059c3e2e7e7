"""Books by decade of publication."""

from harness.plugins import Grouping, GroupingInput, Membership


class Decade(Grouping):
    name = "decade"
    summary = "items by decade"
    requires = ("year",)
    disparities = ("cv", "min25", "hoover")

    def assign(self, source: GroupingInput) -> Membership:
        years = source.items["year"].to_list()
        return Membership.from_labels(
            self.name, self.side, (["unknown" if year is None else f"{year // 10 * 10}s"] for year in years)
        )
