# A charge takes what is there and owes the rest; the pack never goes below zero (L4, F8).
rate AutoCAD 7
2026-01-01 00:00  pack p1 10
2026-01-05 08:00  ana uses AutoCAD 1h   => ?
2026-01-05 08:00  ben uses AutoCAD 1h   => ?
left in p1   => ?
short   => ?
2026-01-20 00:00  pack p2 5   => ?
left in p2   => ?
consumed in 2026-01   => ?
