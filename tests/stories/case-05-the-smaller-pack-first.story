# Two packs with one end: the smaller pays first. A pack that ends earlier beats both (case 5, L1).
rate AutoCAD 7
2026-03-01 00:00  pack large 5000 until 2027-03-01 00:00
2026-03-01 00:00  pack small 500 until 2027-03-01 00:00
2026-03-02 08:00  ana uses AutoCAD 1h   => CHARGED 7 from small:7
2026-03-03 00:00  pack early 9000 until 2026-12-31 00:00
2026-03-04 08:00  ana uses AutoCAD 1h   => CHARGED 7 from early:7
left in large   => 5000
left in small   => 493
left in early   => 8993
