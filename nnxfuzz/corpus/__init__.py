"""Findings as files: entries, their causes, what becomes of them, migrations, replay."""
