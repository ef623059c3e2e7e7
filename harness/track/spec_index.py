"""An index by which the database of a store finds the runs of a spec, however many others there are.

MLflow's tables have none by a tag's value: whoever asks for runs with a tag makes the database read that tag of all
runs. Digests of specs are all different, and whether a run has been made is asked before every run of a study.
"""

from contextlib import suppress

from harness.track.mlflow_private import opened

INDEX = "harness_tags_spec"
SPEC_TAG = "spec"
"""The tag with the digest of what a run was asked to be."""
KNOWN = ("sqlite", "postgresql")
"""Where such an index takes values of any length: nobody's tag of the same name is refused for it."""
LOCK = "3s"
"""How long writers of a table are waited for, and others then wait."""


def index_specs(address: str) -> None:
    """Make the index in a database with MLflow's tables, where it is not there.

    Where this user may not, where the tables are in use for too long, or in another kind of database, there is none,
    and the same is found by reading more. MLflow's own migrations take it along.
    """
    from sqlalchemy import Column, Index, MetaData, String, Table, text
    from sqlalchemy.exc import DBAPIError

    tags = Table("tags", MetaData(), Column("key", String), Column("value", String))
    only = tags.c.key == SPEC_TAG
    index = Index(INDEX, tags.c.value, sqlite_where=only, postgresql_where=only, postgresql_using="hash")
    with opened(address) as engine:
        if engine.dialect.name not in KNOWN:
            return
        with suppress(DBAPIError), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK}'"))
            index.create(connection, checkfirst=True)
