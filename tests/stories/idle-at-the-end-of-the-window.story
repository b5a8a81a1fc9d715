# Left open and idle: no charge at the window's end, and none if nobody comes back (F4).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 30h   active 0m-9h   as idle   => CHARGED 7 from p1:7 + FREE 0
rows ana AutoCAD   => 2026-03-02 CHARGED 7 1440m + 2026-03-03 FREE 0 360m
why idle   => window_opened, idle
consumed on 2026-03-03   => 0
