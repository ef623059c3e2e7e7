"""Studies: one TOML file each, in the folder ``studies/`` of a checkout."""

from harness.base.layout import beside

__path__ += beside("studies")
