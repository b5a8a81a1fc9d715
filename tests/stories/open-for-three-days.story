# A product left open for three days is charged three times, at the same minute (F2).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:15  ana uses AutoCAD until 2026-03-05 08:15   => CHARGED 7 from p1:7 + CHARGED 7 from p1:7 + CHARGED 7 from p1:7
rows ana AutoCAD   => 2026-03-02 CHARGED 7 1440m + 2026-03-03 CHARGED 7 1440m + 2026-03-04 CHARGED 7 1440m

# A minute longer is a fourth charge.
2026-03-02 08:15  ben uses AutoCAD until 2026-03-05 08:16   => CHARGED 7 from p1:7 + CHARGED 7 from p1:7 + CHARGED 7 from p1:7 + CHARGED 7 from p1:7
