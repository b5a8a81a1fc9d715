# Used with nothing left: the next pack pays, and January still reports it (case 15, F8).
rate AutoCAD 7
2026-01-05 08:00  ana uses AutoCAD 1h   => CHARGED 7 short 7
short   => 7
2026-02-01 00:00  pack p1 100   => covers 7
short   => 0
2026-02-01 00:00  left   => 93
consumed in 2026-01   => 7
consumed in 2026-02   => 0
