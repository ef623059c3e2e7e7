"""Packages to be installed: their tests run where they are installed, see ``end_to_end/test_plugin_package.py``."""

collect_ignore_glob = ["*"]
