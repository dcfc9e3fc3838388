"""Libraries every service is built on: the published language with its log, and the chassis."""
