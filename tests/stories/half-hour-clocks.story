# On a server half an hour off, the day begins at half past by UTC (N1).
enterprise minimum 5m
server mumbai +05:30
server adelaide +10:30
server marquesas -09:30
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-02 23:30  ana uses A 1h   at mumbai   => CHARGED 6 from year1:6 + CHARGED 6 from year1:6
rows ana A   => 2026-03-02 CHARGED 6 30m + 2026-03-03 CHARGED 6 30m
2026-03-02 18:29:59.999999Z  ben uses A 10m   at mumbai   => CASUAL 0 + CHARGED 6 from year1:6
rows ben A   => 2026-03-02 CASUAL 0 0m1us + 2026-03-03 CHARGED 6 9m59999999us
2026-03-03 00:00  cem uses A 1h   at adelaide    => CHARGED 6 from year1:6
2026-03-03 00:00  dee uses A 1h   at marquesas   => CHARGED 6 from year1:6
rows cem A   => 2026-03-03 CHARGED 6 60m
rows dee A   => 2026-03-03 CHARGED 6 60m
