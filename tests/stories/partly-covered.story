# A charge takes what is there and owes the rest; the pack never goes below zero (L4, F8).
rate AutoCAD 7
2026-01-01 00:00  pack p1 10
2026-01-05 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-01-05 08:00  ben uses AutoCAD 1h   => CHARGED 7 from p1:3 short 4
left in p1   => 0
short   => 4
2026-01-20 00:00  pack p2 5   => covers 4
left in p2   => 1
consumed in 2026-01   => 14
