"""Runs the migrations of the state database on the connection that `state.py` hands over."""

from alembic import context

from stationfeed.catalogue.tables import state_schema

context.configure(connection=context.config.attributes["connection"], target_metadata=state_schema)
with context.begin_transaction():
    context.run_migrations()
