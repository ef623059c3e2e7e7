"""The published results as pages for a browser: leaderboards, pictures, verdicts, and behind every number its runs."""
