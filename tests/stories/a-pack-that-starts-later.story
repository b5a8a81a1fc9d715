# A pack that is bought ahead pays from its start on; a use before it waits for the next pack (L5, F8).
rate AutoCAD 7
2026-03-01 00:00  pack p1 7
2026-04-01 00:00  pack p2 100
2026-03-02 08:00  ana uses AutoCAD 1h   => ?
2026-03-03 08:00  ana uses AutoCAD 1h   => ?
short   => ?
2026-03-31 23:59:59.999999  ben uses AutoCAD 1h   => ?
2026-04-01 00:00  cem uses AutoCAD 1h   => ?
2026-05-01 00:00  pack p3 10   => ?
short   => ?
left in p3   => ?
consumed in 2026-03   => ?
