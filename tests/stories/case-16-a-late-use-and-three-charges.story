# Two days and an hour are three charges; an earlier use that arrives late moves them and adds none (case 16, N5, L5a).
rate AutoCAD 7
2026-01-01 00:00  pack p1 100
2026-01-30 10:00  ana uses AutoCAD until 2026-02-01 11:00   => ?
consumed in 2026-01   => ?
2026-01-30 08:00  ana uses AutoCAD 1h   as late   => ?
rows ana AutoCAD   => ?
2026-02-02 00:00  left   => ?
