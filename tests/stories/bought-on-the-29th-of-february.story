# A year from 29 February ends as 28 February does; later purchases never end earlier (T6).
rate AutoCAD 7
2024-02-28 23:00  pack before 10
2024-02-29 09:00  pack leap 10
2024-03-01 00:00  pack after 10
2025-02-28 22:59:59.999999  left   => 30
2025-02-28 23:00  left   => 20
2025-02-28 23:59:59.999999  left   => 20
2025-03-01 00:00  left   => 0
