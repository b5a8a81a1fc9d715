# A session that crosses the server's midnight is a use of both days; the days are the server's (N1, N3).
enterprise minimum 5m
server denver -07:00
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-02 23:00  ana uses A 2h    at denver   => CHARGED 6 from year1:6 + CHARGED 6 from year1:6
rows ana A   => 2026-03-02 CHARGED 6 60m + 2026-03-03 CHARGED 6 60m
2026-03-04 23:58  ben uses A 4m    at denver   => CASUAL 0 + CASUAL 0
2026-03-04 23:55  cem uses A 10m   at denver   => CHARGED 6 from year1:6 + CHARGED 6 from year1:6
2026-03-06 22:00  dee uses A 2h    at denver   => CHARGED 6 from year1:6
2026-03-06 22:00  eva uses A 2h1us at denver   => CHARGED 6 from year1:6 + CASUAL 0
rows dee A   => 2026-03-06 CHARGED 6 120m
rows eva A   => 2026-03-06 CHARGED 6 120m + 2026-03-07 CASUAL 0 0m1us
