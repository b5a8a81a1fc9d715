# A pack too small for all that is open pays the oldest first, the next one in part (F8).
rate AutoCAD 7
2026-01-07 08:00  cem uses AutoCAD 1h   => ?
2026-01-05 08:00  ana uses AutoCAD 1h   => ?
2026-01-06 08:00  ben uses AutoCAD 1h   => ?
short   => ?
2026-02-01 00:00  pack p1 10   => ?
short   => ?
2026-02-02 00:00  pack p2 100   => ?
short   => ?
left in p1   => ?
left in p2   => ?
consumed in 2026-01   => ?
consumed in 2026-02   => ?
