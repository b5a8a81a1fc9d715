# A short session in a standing window is free, not casual; just before it, it was casual (F1, F3).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   => ?
2026-03-02 15:00  ana uses AutoCAD 2m   => ?
2026-03-02 07:50  ana uses AutoCAD 2m   => ?
2026-03-02 07:58  ana uses AutoCAD 4m   => ?
rows ana AutoCAD   => ?
