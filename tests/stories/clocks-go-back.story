# In Paris 25 October 2026 has 25 hours; a window ends an hour earlier by the clock, and 02:30 comes twice (T3, T1).
zone Europe/Paris
rate AutoCAD 7
2026-10-01 00:00  pack p1 100
2026-10-24 08:00  ana uses AutoCAD 1h    => ?
2026-10-25 06:59  ana uses AutoCAD 30s   => ?
2026-10-25 07:30  ana uses AutoCAD 20m   => ?
2026-10-24 02:30  ben uses AutoCAD 1h    => ?
2026-10-25 02:30+02:00  ben uses AutoCAD 10m   as summer   => ?
2026-10-25 02:30+01:00  ben uses AutoCAD 10m   as winter   => ?
2026-10-26 01:30  ben uses AutoCAD 10m   => ?
rows ben AutoCAD   => ?
