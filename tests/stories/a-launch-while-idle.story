# A launch elsewhere opens the window, and the idle session lies in it (F4).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD until 2026-03-03 18:00   active 0m-9h   as idle   => CHARGED 7 from p1:7 + FREE 0
2026-03-03 14:00  ana uses AutoCAD 1h   as launch   => CHARGED 7 from p1:7
rows ana AutoCAD   => 2026-03-02 CHARGED 7 1440m + 2026-03-03 FREE 0 360m + 2026-03-03 FREE 0 240m + 2026-03-03 CHARGED 7 60m
why idle   => window_opened, idle, in_window
