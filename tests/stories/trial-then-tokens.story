# A trial costs nothing; when it is over, tokens pay, from the next launch (F9).
rate A 7
2026-03-01 00:00  pack p1 100
2026-03-01 00:00  trial ana A until 2026-03-03 00:00
2026-03-02 20:00  ana uses A 1h   as trial   => ?
2026-03-03 08:00  ana uses A 1h   => ?
why trial   => ?
rows ana A   => ?
