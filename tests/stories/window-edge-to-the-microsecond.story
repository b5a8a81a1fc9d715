# A window ends where it ends: the last microsecond is free, the next is charged (F1, F2, T3).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h                  => CHARGED 7 from p1:7
2026-03-03 07:59:59.999999  ana uses AutoCAD 1us       => FREE 0
2026-03-03 07:00  ana uses AutoCAD 1h                  => FREE 0
2026-03-02 08:00  ben uses AutoCAD 1h                  => CHARGED 7 from p1:7
2026-03-03 07:00  ben uses AutoCAD 1h1us               => FREE 0 + CHARGED 7 from p1:7
2026-03-02 08:00  cem uses AutoCAD 1h                  => CHARGED 7 from p1:7
2026-03-03 07:59:59.999999  cem uses AutoCAD 1h        => FREE 0 + CHARGED 7 from p1:7
rows cem AutoCAD   => 2026-03-02 CHARGED 7 60m + 2026-03-02 FREE 0 0m1us + 2026-03-03 CHARGED 7 59m59999999us
