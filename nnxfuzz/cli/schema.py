"""`nnxfuzz schema`: what entries and the output of `--json` look like, as JSON Schema."""

import json
from typing import Any

import click

from nnxfuzz.cli.common import say
from nnxfuzz.cli.installed import require_flax


@click.command(
    epilog="""\b
Examples:
  nnxfuzz schema > entry.schema.json
  nnxfuzz schema events"""
)
@click.argument("what", type=click.Choice(["entry", "events", "replay"]), default="entry")
def schema(what: str) -> None:
    """Print the JSON Schema of entries, or of --json.

    WHAT is entry, events (of fuzz) or replay (default: entry).  What events say of a campaign's
    figures is in docs/campaigns.md.
    """
    say(json.dumps(_schema(what), indent=2))


def _schema(what: str) -> dict[str, Any]:
    import msgspec

    if what == "entry":
        from nnxfuzz.corpus.entries import schema

        return schema()
    if what == "replay":
        from nnxfuzz.corpus.outcomes import Replayed

        whole = msgspec.json.schema(Replayed)
        whole["$defs"]["Replayed"]["properties"]["flax"] = {"type": "string"}  # with --flax
        return whole
    require_flax()
    from nnxfuzz.campaign.events import Event

    return msgspec.json.schema(Event)
