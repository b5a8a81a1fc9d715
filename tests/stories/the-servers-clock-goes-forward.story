# A server's offset holds for the whole session; sessions after the change have the new one (N1).
enterprise minimum 5m
server paris +01:00
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-29 00:30  ana uses A 6h    at paris   => ?
rows ana A   => ?
server paris +02:00
2026-03-29 23:30  ana uses A 1h    at paris   => ?
rows ana A   => ?
consumed from 2026-03-29 to 2026-03-30   => ?
