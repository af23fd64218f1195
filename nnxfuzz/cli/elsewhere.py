"""`--flax` for a command that otherwise runs on the installed Flax: the same command, elsewhere."""

import os
import shlex
from collections.abc import Sequence
from typing import Any

import click

from nnxfuzz.cli.common import FLAX_WORDS
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress

_OPTIONS = ("--flax", "--jax")


class Elsewhere(click.Command):
    """A command with `--flax` and `--jax`: with them, it is this command line in that environment.

    The other words go there as they are, so a command needs to know nothing about it; `more` are
    words that only go there.
    """

    more: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = "Run on it, in an environment of its own: a release, latest, a checkout of flax, a "
        told += "wheel (default: the installed one)."
        self.params.append(click.Option(["--flax"], metavar="FLAX", help=told))
        told = "Another jax there (default: one that the release runs with)."
        self.params.append(click.Option(["--jax"], metavar="VERSION", help=told))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[__name__] = list(args)  # what follows takes them away
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        flax, jax = ctx.params.pop("flax"), ctx.params.pop("jax")
        if flax is not None:
            if ctx.params.get("scheduler") is not None:
                raise Misuse(
                    "--flax and --scheduler do not go together; leave out --flax, "
                    "and install that flax here and where the workers are"
                )
            return _run(flax, jax, [str(ctx.info_name), *self.more, *without(ctx.meta[__name__])])
        if jax is not None:
            raise Misuse(f"--jax {jax} goes with --flax; name the flax that is to run with it")
        return super().invoke(ctx)


def without(words: Sequence[str]) -> list[str]:
    """The words of a command line without the two options and their values."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _OPTIONS:
            next(rest, None)
        elif not word.startswith(tuple(f"{option}=" for option in _OPTIONS)):
            kept.append(word)
    return kept


def _run(flax: str, jax: str | None, words: Sequence[str]) -> int:
    from nnxfuzz.releases import environments
    from nnxfuzz.releases.elsewhere import call, prepare
    from nnxfuzz.releases.targets import targets

    chosen = targets([flax], jax)
    if len(chosen) > 1:
        labels = ", ".join(target.label for target in chosen)
        raise Misuse(f"--flax {flax} names {len(chosen)} releases; choose one of {labels}")
    cache = environments.default_cache()
    with Progress(f"makes the environment of flax {chosen[0].label}"):
        place = prepare(chosen[0], cache)
    asked = ["--flax", flax, *(["--jax", jax] if jax else [])]
    os.environ[FLAX_WORDS] = shlex.join(asked)
    try:
        code = call(place, words, cache)
    finally:
        del os.environ[FLAX_WORDS]
    if code < 0:
        raise Misuse(f"flax {chosen[0].label} ended by signal {-code}; run it again")
    return code
