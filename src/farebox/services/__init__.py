"""Use cases: gather, decide, record; one transaction each, and no service calls another."""
