# Activity that comes back opens the next window at that instant, on that day (F4).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD until 2026-03-04 10:00   active 0m-9h,28h-32h   as open   => ?
rows ana AutoCAD   => ?
why open   => ?
consumed on 2026-03-02   => ?
consumed on 2026-03-03   => ?
