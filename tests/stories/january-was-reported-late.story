# Whether a use is reported before the next pack or after it, the same is left in the end (F8, L5b).
rate AutoCAD 7
2026-01-05 08:00  ana uses AutoCAD 1h   => CHARGED 7 short 7
2026-02-01 00:00  pack p1 100           => covers 7
2026-01-05 08:00  ben uses AutoCAD 1h   => CHARGED 7 covered by p1:7
short   => 0
2026-02-01 00:00  left   => 86
consumed in 2026-01   => 14
consumed in 2026-02   => 0
