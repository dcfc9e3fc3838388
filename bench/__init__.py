"""Every figure the project states comes from here: `make bench` prints them, each with its goal.

A figure is a ratio against a baseline measured in the same run, or a rate of the whole chain; machines are noisy,
so no figure is a test.
"""
