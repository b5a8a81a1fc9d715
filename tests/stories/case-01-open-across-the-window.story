# Left open over the end of the window: the next charge falls at that instant (case 1, F2).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 9h    => CHARGED 7 from p1:7
2026-03-03 07:00  ana uses AutoCAD 10h   => FREE 0 + CHARGED 7 from p1:7
rows ana AutoCAD   => 2026-03-02 CHARGED 7 540m + 2026-03-02 FREE 0 60m + 2026-03-03 CHARGED 7 540m
consumed in 2026-03   => 14
