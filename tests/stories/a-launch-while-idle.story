# A launch elsewhere opens the window, and the idle session lies in it (F4).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD until 2026-03-03 18:00   active 0m-9h   as idle   => ?
2026-03-03 14:00  ana uses AutoCAD 1h   as launch   => ?
rows ana AutoCAD   => ?
why idle   => ?
