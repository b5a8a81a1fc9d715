# The same event twice is one use (M2, N5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   as morning   => CHARGED 7 from p1:7
again morning   => nothing changes
2026-03-03 07:00  ana uses AutoCAD 3h   as next      => FREE 0 + CHARGED 7 from p1:7
again next      => nothing changes
again morning   => nothing changes
2026-03-04 00:00  left   => 86
