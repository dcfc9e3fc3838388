"""How Drempel is put on machines."""
