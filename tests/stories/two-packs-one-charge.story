# Two purchases. The one that ends first pays first; a charge may span both (L1).
rate AutoCAD 7
2025-03-01 09:00  pack p1 10
2025-09-01 09:00  pack p2 10
2026-02-01 09:00  ana uses AutoCAD 2h   => CHARGED 7 from p1:7
2026-02-02 08:00  ana uses AutoCAD 1h   => FREE 0
2026-02-02 09:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:3 p2:4
2026-02-02 12:00  left   => 6
