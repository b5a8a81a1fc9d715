# A session that the grace covers rolls no window; one longer than it does, wherever the end falls in it (F2).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-03 07:58  ana uses AutoCAD 4m   as brief   => FREE 0 + CASUAL 0
rows ana AutoCAD   => 2026-03-02 CHARGED 7 60m + 2026-03-02 FREE 0 2m + 2026-03-03 CASUAL 0 2m
why brief   => in_window, within_grace
2026-03-02 08:00  ben uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-03 07:56  ben uses AutoCAD 7m   => FREE 0 + CHARGED 7 from p1:7
rows ben AutoCAD   => 2026-03-02 CHARGED 7 60m + 2026-03-02 FREE 0 4m + 2026-03-03 CHARGED 7 3m
