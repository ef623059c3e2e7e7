"""Rich's console for text from elsewhere: it is shown as it is written, whatever is in it."""

from typing import Any

from rich.console import Console
from rich.text import Text

from harness.base.printable import printable


class LiteralConsole(Console):
    """Neither markup ("[red]"), emoji codes nor control characters in a text have an effect; options are rich's.

    That holds for text that is given as ``str``, in tables too: rich does not look into its own ``Text``.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(printable(text), **options)
