# A pack is dead from its end on, whether or not the job has booked it (L5, T6).
rate AutoCAD 7
2025-03-10 09:00  pack p1 20
2025-12-01 00:00  pack p2 20
2026-03-10 08:59:59.999999  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-10 09:00  ben uses AutoCAD 1h   => CHARGED 7 from p2:7
2026-03-10 09:00  left   => 13
left in p1   => 13
2026-03-11 00:00  lapse   => p1:13
left in p1   => 0
2026-03-11 00:00  left   => 13
