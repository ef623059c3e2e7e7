"""What is written is what TOML reads."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from harness.base.toml_text import toml_key, toml_value

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = TEXT | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8)


@given(TEXT, VALUES)
def test_any_key_and_any_value(key: str, value: object) -> None:
    assert tomllib.loads(f"{toml_key(key)} = {toml_value(value)}") == {key: value}
