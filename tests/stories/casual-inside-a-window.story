# A short session in a standing window is free, not casual; just before it, it was casual (F1, F3).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-02 15:00  ana uses AutoCAD 2m   => FREE 0
2026-03-02 07:50  ana uses AutoCAD 2m   => CASUAL 0
2026-03-02 07:58  ana uses AutoCAD 4m   => CASUAL 0 + FREE 0
rows ana AutoCAD   => 2026-03-02 CASUAL 0 2m + 2026-03-02 CASUAL 0 2m + 2026-03-02 CHARGED 7 60m + 2026-03-02 FREE 0 2m + 2026-03-02 FREE 0 2m
