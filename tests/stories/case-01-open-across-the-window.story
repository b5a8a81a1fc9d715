# Left open over the end of the window: the next charge falls at that instant (case 1, F2).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 9h    => ?
2026-03-03 07:00  ana uses AutoCAD 10h   => ?
rows ana AutoCAD   => ?
consumed in 2026-03   => ?
