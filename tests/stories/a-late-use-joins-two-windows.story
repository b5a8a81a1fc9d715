# A late use between two windows, long enough to touch both, is one more charge and moves the second (N5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   as monday      => ?
2026-03-04 12:00  ana uses AutoCAD 1h   as wednesday   => ?
2026-03-03 07:00  ana uses AutoCAD 9h   as tuesday     => ?
rows ana AutoCAD   => ?

# Longer still, until Wednesday 08:30, it is charged there too, and Wednesday noon is free.
amend tuesday to 25h30m   => ?
rows ana AutoCAD   => ?
2026-03-05 00:00  left   => ?
