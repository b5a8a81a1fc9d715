# A session that the grace covers rolls no window; one longer than it does, wherever the end falls in it (F2).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   => ?
2026-03-03 07:58  ana uses AutoCAD 4m   as brief   => ?
rows ana AutoCAD   => ?
why brief   => ?
2026-03-02 08:00  ben uses AutoCAD 1h   => ?
2026-03-03 07:56  ben uses AutoCAD 7m   => ?
rows ben AutoCAD   => ?
