# 29 February is a usageDate like any other, and lies in its month (T2, T4).
rate AutoCAD 7
2024-02-01 00:00  pack p1 100
2024-02-28 10:00  ana uses AutoCAD until 2024-03-01 11:00   => ?
rows ana AutoCAD   => ?
consumed on 2024-02-29   => ?
consumed in 2024-02   => ?
consumed in 2024-03   => ?
2024-03-15  last 1 months   => ?
