# In Paris 29 March 2026 has 23 hours; a window has 24 all the same, and ends an hour later by the clock (T3).
zone Europe/Paris
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-28 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-29 08:30  ana uses AutoCAD 20m  => FREE 0
2026-03-29 09:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
rows ana AutoCAD   => 2026-03-28 CHARGED 7 60m + 2026-03-28 FREE 0 20m + 2026-03-29 CHARGED 7 60m
