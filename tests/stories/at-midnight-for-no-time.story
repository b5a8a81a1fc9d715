# A session of no length has one row, on the day that begins at its instant (N3).
enterprise minimum 5m
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-03 00:00  ana uses A 0m   => CASUAL 0
rows ana A   => 2026-03-03 CASUAL 0 0m
2026-03-03 23:55  ana uses A 5m   => CHARGED 6 from year1:6
rows ana A   => 2026-03-03 CASUAL 0 0m + 2026-03-03 CHARGED 6 5m
