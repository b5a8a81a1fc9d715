# A product left open for three days is charged three times, at the same minute (F2).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:15  ana uses AutoCAD until 2026-03-05 08:15   => ?
rows ana AutoCAD   => ?

# A minute longer is a fourth charge.
2026-03-02 08:15  ben uses AutoCAD until 2026-03-05 08:16   => ?
