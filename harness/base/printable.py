"""Text from elsewhere as a terminal, a page or a log may show it: nothing in it is a command to whoever shows it."""

_LAYOUT = "\t\n"
_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What changes the direction of the text that follows: a name could be read as another one."""
_SHOWN = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in _LAYOUT},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys(map(ord, _DIRECTIONS), "\N{REPLACEMENT CHARACTER}"),
    0x2028: " ",
    0x2029: " ",
}


def printable(text: str) -> str:
    r"""``text`` with a visible sign for each character that steers a terminal: ``"\x1b[2J"`` is shown as ``␛[2J``.

    Line feeds and tabulators stay; so does every letter and sign of every script.
    """
    return text.translate(_SHOWN)
