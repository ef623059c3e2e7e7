"""Full ranking, re-ranking, groups, exposure, intervals over users."""
