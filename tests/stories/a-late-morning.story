# A morning that is reported last takes over the charge of the day, and the window begins with it (N5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 14:00  ana uses AutoCAD 1h   as afternoon   => ?
2026-03-03 13:00  ana uses AutoCAD 2h   as tuesday     => ?
consumed on 2026-03-03   => ?
2026-03-02 08:00  ana uses AutoCAD 1h   as morning     => ?
rows ana AutoCAD   => ?
why afternoon   => ?
consumed from 2026-03-02 to 2026-03-03   => ?
