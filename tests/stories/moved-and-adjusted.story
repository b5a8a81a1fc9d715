# Tokens moved to another team and adjustments change what is left, and nothing that was consumed (L3, L6).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   => ?
2026-03-03 00:00  move p1 -30     => ?
2026-03-04 00:00  adjust p1 -3    => ?
2026-03-05 00:00  adjust p1 5.5   => ?
2026-03-06 00:00  move p1 10      => ?
2026-03-06 00:00  left   => ?
consumed in 2026-03   => ?
