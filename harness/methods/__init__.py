"""Training methods: one file each, in the folder ``methods/`` of a checkout."""

from harness.base.layout import beside

__path__ += beside("methods")
