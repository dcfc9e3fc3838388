"""The command line: thin, it starts and calls the services."""
