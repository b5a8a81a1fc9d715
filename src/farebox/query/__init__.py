"""
Questions about usage: names in, a plan of declarations, SQL text out.

Pure: no database, no clock, no framework. `catalogue` declares what can be asked, `plan` decides whether a
question means anything, `render` writes its SQL, `present` writes its answer as JSON cells or CSV lines.
"""
