"""A synthetic region for `drempel demo`: who lives there, what partners signal, how people act on it.

Pure generation: the same seed gives the same region, and the same people decide the same. Nothing is read but the
region document, nothing written but the persons for the trial BRP.
Nobody exists: names are put together by chance, streets are invented, telephone numbers are made up and not
to be dialled, mail goes to example.org.
"""
