"""Django's SQLite engine on a SQLite that does not lose commits, with one lane for writers."""
