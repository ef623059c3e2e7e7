"""The one source of truth: what a run means."""
