# A pack that is bought ahead pays from its start on, and first of all what was open until then (L5, F8).
rate AutoCAD 7
2026-03-01 00:00  pack p1 7
2026-03-01 00:00  pack p2 100 from 2026-04-01 00:00
2026-03-02 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-02 08:00  left   => 0
2026-03-03 08:00  ana uses AutoCAD 1h   => CHARGED 7 short 7
2026-03-31 23:59:59.999999  ben uses AutoCAD 1h   => CHARGED 7 short 7
short   => 14
2026-04-01 00:00  cem uses AutoCAD 1h   => CHARGED 7 from p2:7
short   => 0
left in p2   => 79
consumed in 2026-03   => 21
consumed in 2026-04   => 7
