"""A group of commands of which one is meant where none is named."""

from typing import Any, ClassVar

from typer.core import TyperGroup


class DefaultCommand(TyperGroup):
    """``GROUP ARGUMENTS`` is ``GROUP COMMAND ARGUMENTS`` where the first argument names no command."""

    default: ClassVar[str]

    @classmethod
    def called(cls, name: str) -> "type[DefaultCommand]":
        """A group whose default is the command of this name."""
        return type(cls.__name__, (cls,), {"default": name})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default's name before arguments that begin with another word, or with an option that is not help."""
        known = {*self.list_commands(ctx), *ctx.help_option_names}
        if args and args[0] not in known:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
