# Activity that comes back opens the next window at that instant, on that day (F4).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD until 2026-03-04 10:00   active 0m-9h,28h-32h   as open   => CHARGED 7 from p1:7 + FREE 0 + CHARGED 7 from p1:7
rows ana AutoCAD   => 2026-03-02 CHARGED 7 1440m + 2026-03-03 FREE 0 240m + 2026-03-03 CHARGED 7 1320m
why open   => window_opened, idle, window_resumed
consumed on 2026-03-02   => 7
consumed on 2026-03-03   => 7
