# 29 February is a usageDate like any other, and lies in its month (T2, T4).
rate AutoCAD 7
2024-02-01 00:00  pack p1 100
2024-02-28 10:00  ana uses AutoCAD until 2024-03-01 11:00   => CHARGED 7 from p1:7 + CHARGED 7 from p1:7 + CHARGED 7 from p1:7
rows ana AutoCAD   => 2024-02-28 CHARGED 7 1440m + 2024-02-29 CHARGED 7 1440m + 2024-03-01 CHARGED 7 60m
consumed on 2024-02-29   => 7
consumed in 2024-02   => 14
consumed in 2024-03   => 7
2024-03-15  last 1 months   => 2024-02-01 to 2024-02-29, by 1
