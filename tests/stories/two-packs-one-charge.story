# Two purchases. The one that ends first pays first; a charge may span both (L1).
rate AutoCAD 7
2025-03-01 09:00  pack p1 10
2025-09-01 09:00  pack p2 10
2026-02-01 09:00  ana uses AutoCAD 2h   => ?
2026-02-02 08:00  ana uses AutoCAD 1h   => ?
2026-02-02 09:00  ana uses AutoCAD 1h   => ?
2026-02-02 12:00  left   => ?
