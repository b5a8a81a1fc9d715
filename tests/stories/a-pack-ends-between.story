# A pack is dead from its end on, whether or not the job has booked it (L5, T6).
rate AutoCAD 7
2025-03-10 09:00  pack p1 20
2025-12-01 00:00  pack p2 20
2026-03-10 08:59:59.999999  ana uses AutoCAD 1h   => ?
2026-03-10 09:00  ben uses AutoCAD 1h   => ?
2026-03-10 09:00  left   => ?
left in p1   => ?
2026-03-11 00:00  lapse   => ?
left in p1   => ?
2026-03-11 00:00  left   => ?
