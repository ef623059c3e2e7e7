"""Metrics of top-K lists, one file each: accuracy of each user's list, and what all lists show."""
