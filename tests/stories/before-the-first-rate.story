# A use of a time in which the product had no rate is refused, not given away (T7).
2026-03-02 00:00  rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 00:00  ben uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-01 23:59:59.999999  ana uses AutoCAD 1h   => refused: /data/product: the product has no rate at that instant
