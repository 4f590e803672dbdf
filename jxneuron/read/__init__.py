"""Readers: from what users have to the Model."""
