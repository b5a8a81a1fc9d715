# A window keeps the rate of its start; the next window has the new one (F1, T7).
rate AutoCAD 7
2026-03-02 12:00  rate AutoCAD 9
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-02 13:00  ana uses AutoCAD 1h   => FREE 0
2026-03-03 08:00  ana uses AutoCAD 1h   => CHARGED 9 from p1:9
2026-03-02 12:00  ben uses AutoCAD 1h   => CHARGED 9 from p1:9
2026-03-02 11:59:59.999999  cem uses AutoCAD 1h   => CHARGED 7 from p1:7
