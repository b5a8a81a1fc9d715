# Five minutes exactly are within the grace; a microsecond more is not (F3).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 5m      => ?
2026-03-02 08:00  ben uses AutoCAD 5m1us   => ?
2026-03-02 08:00  cem uses AutoCAD 0m      => ?
rows ben AutoCAD   => ?
