# Five minutes exactly are within the grace; a microsecond more is not (F3).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 5m      => CASUAL 0
2026-03-02 08:00  ben uses AutoCAD 5m1us   => CHARGED 7 from p1:7
2026-03-02 08:00  cem uses AutoCAD 0m      => CASUAL 0
rows ben AutoCAD   => 2026-03-02 CHARGED 7 5m1us
