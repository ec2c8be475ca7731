"""Frozen values in the field's words; nothing here reads or writes anything."""
