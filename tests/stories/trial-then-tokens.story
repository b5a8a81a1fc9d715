# A trial costs nothing; when it is over, tokens pay, from the next launch (F9).
rate A 7
2026-03-01 00:00  pack p1 100
2026-03-01 00:00  trial ana A until 2026-03-03 00:00
2026-03-02 20:00  ana uses A 1h   as trial   => FREE 0
2026-03-03 08:00  ana uses A 1h   => CHARGED 7 from p1:7
why trial   => trial
rows ana A   => 2026-03-02 FREE 0 60m + 2026-03-03 CHARGED 7 60m
