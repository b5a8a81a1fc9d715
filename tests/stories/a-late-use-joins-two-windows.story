# A late use between two windows, long enough to touch both, is one more charge and moves the second (N5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   as monday      => CHARGED 7 from p1:7
2026-03-04 12:00  ana uses AutoCAD 1h   as wednesday   => CHARGED 7 from p1:7
2026-03-03 07:00  ana uses AutoCAD 9h   as tuesday     => FREE 0 + CHARGED 7 from p1:7
rows ana AutoCAD   => 2026-03-02 CHARGED 7 60m + 2026-03-02 FREE 0 60m + 2026-03-03 CHARGED 7 480m + 2026-03-04 CHARGED 7 60m

# Longer still, until Wednesday 08:30, it is charged there too, and Wednesday noon is free.
amend tuesday to 25h30m   => 7 taken back, 7 booked
rows ana AutoCAD   => 2026-03-02 CHARGED 7 60m + 2026-03-02 FREE 0 60m + 2026-03-03 CHARGED 7 1440m + 2026-03-04 CHARGED 7 30m + 2026-03-04 FREE 0 60m
2026-03-05 00:00  left   => 79
