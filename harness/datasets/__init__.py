"""Data sets: one declaration each, in the folder ``datasets/`` of a checkout."""

from harness.base.layout import beside

__path__ += beside("datasets")
