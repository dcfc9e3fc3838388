"""Plays a synthetic region against a running Drempel, over HTTP, as its partners, officials and caseworkers would."""
