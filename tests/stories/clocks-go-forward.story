# In Paris 29 March 2026 has 23 hours; a window has 24 all the same, and ends an hour later by the clock (T3).
zone Europe/Paris
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-28 08:00  ana uses AutoCAD 1h   => ?
2026-03-29 08:30  ana uses AutoCAD 20m  => ?
2026-03-29 09:00  ana uses AutoCAD 1h   => ?
rows ana AutoCAD   => ?
