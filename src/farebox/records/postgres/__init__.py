"""Django's PostgreSQL engine with limits on everything that can wait."""
