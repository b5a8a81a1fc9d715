# The grace in force at the start of a session holds for it; a change does not reach back (F3).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-04-01 00:00  grace 10m
2026-03-31 23:59  ana uses AutoCAD 8m   => CHARGED 7 from p1:7
2026-04-01 00:00  ben uses AutoCAD 8m   => CASUAL 0
2026-04-01 09:00  ben uses AutoCAD 10m1us   => CHARGED 7 from p1:7
