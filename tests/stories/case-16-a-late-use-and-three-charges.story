# Two days and an hour are three charges; an earlier use that arrives late moves them and adds none (case 16, N5, L5a).
rate AutoCAD 7
2026-01-01 00:00  pack p1 100
2026-01-30 10:00  ana uses AutoCAD until 2026-02-01 11:00   => CHARGED 7 from p1:7 + CHARGED 7 from p1:7 + CHARGED 7 from p1:7
consumed in 2026-01   => 14
2026-01-30 08:00  ana uses AutoCAD 1h   as late   => CHARGED 7 from p1:7; 21 taken back
rows ana AutoCAD   => 2026-01-30 CHARGED 7 60m + 2026-01-30 FREE 0 1320m + 2026-01-31 CHARGED 7 1440m + 2026-02-01 CHARGED 7 180m
2026-02-02 00:00  left   => 79
