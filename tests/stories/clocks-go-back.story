# In Paris 25 October 2026 has 25 hours; a window ends an hour earlier by the clock, and 02:30 comes twice (T3, T1).
zone Europe/Paris
rate AutoCAD 7
2026-10-01 00:00  pack p1 100
2026-10-24 08:00  ana uses AutoCAD 1h    => CHARGED 7 from p1:7
2026-10-25 06:59  ana uses AutoCAD 30s   => FREE 0
2026-10-25 07:30  ana uses AutoCAD 20m   => CHARGED 7 from p1:7
2026-10-24 02:30  ben uses AutoCAD 1h    => CHARGED 7 from p1:7
2026-10-25 02:30+02:00  ben uses AutoCAD 10m   as summer   => CHARGED 7 from p1:7
2026-10-25 02:30+01:00  ben uses AutoCAD 10m   as winter   => FREE 0
2026-10-26 01:30  ben uses AutoCAD 10m   => CHARGED 7 from p1:7
rows ben AutoCAD   => 2026-10-24 CHARGED 7 60m + 2026-10-25 CHARGED 7 10m + 2026-10-25 FREE 0 10m + 2026-10-26 CHARGED 7 10m
