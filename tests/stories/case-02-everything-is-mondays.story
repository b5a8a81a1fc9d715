# Opened Monday evening, closed Tuesday afternoon: one charge, and everything is a use of Monday (case 2, T2).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 19:00  ana uses AutoCAD 2h    => CHARGED 7 from p1:7
2026-03-02 23:30  ana uses AutoCAD 1h    => FREE 0
2026-03-03 08:00  ana uses AutoCAD 4h    => FREE 0
2026-03-03 13:00  ana uses AutoCAD 4h    => FREE 0
rows ana AutoCAD   => 2026-03-02 CHARGED 7 120m + 2026-03-02 FREE 0 60m + 2026-03-02 FREE 0 240m + 2026-03-02 FREE 0 240m
2026-03-03  ana used in 30 days   => 1 of 30 days
consumed on 2026-03-02   => 7
consumed on 2026-03-03   => 0
