"""
The rules: pure functions over frozen data.

Nothing here reads a clock, a file, a database or a setting; time comes in as `at`, and
everything that a rule needs comes in as an argument. Standard library without I/O only.
"""
