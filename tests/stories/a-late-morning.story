# A morning that is reported last takes over the charge of the day, and the window begins with it (N5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 14:00  ana uses AutoCAD 1h   as afternoon   => CHARGED 7 from p1:7
2026-03-03 13:00  ana uses AutoCAD 2h   as tuesday     => FREE 0 + CHARGED 7 from p1:7
consumed on 2026-03-03   => 7
2026-03-02 08:00  ana uses AutoCAD 1h   as morning     => CHARGED 7 from p1:7; 14 taken back
rows ana AutoCAD   => 2026-03-02 CHARGED 7 60m + 2026-03-02 FREE 0 60m + 2026-03-03 CHARGED 7 120m
why afternoon   => in_window
consumed from 2026-03-02 to 2026-03-03   => 14
