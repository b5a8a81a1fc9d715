# A pack too small for all that is open pays the oldest first, the next one in part (F8).
rate AutoCAD 7
2026-01-07 08:00  cem uses AutoCAD 1h   => CHARGED 7 short 7
2026-01-05 08:00  ana uses AutoCAD 1h   => CHARGED 7 short 7
2026-01-06 08:00  ben uses AutoCAD 1h   => CHARGED 7 short 7
short   => 21
2026-02-01 00:00  pack p1 10   => covers 10
short   => 11
2026-02-02 00:00  pack p2 100   => covers 11
short   => 0
left in p1   => 0
left in p2   => 89
consumed in 2026-01   => 21
consumed in 2026-02   => 0
