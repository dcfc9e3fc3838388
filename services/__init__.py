"""The six services. Each decides its own things, keeps its own schema and imports no other."""
