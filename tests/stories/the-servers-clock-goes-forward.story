# A server's offset holds for the whole session; sessions after the change have the new one (N1).
enterprise minimum 5m
server paris +01:00
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-29 00:30  ana uses A 6h    at paris   => CHARGED 6 from year1:6
rows ana A   => 2026-03-29 CHARGED 6 360m
server paris +02:00

# The date now begins an hour earlier, at the first midnight of its servers, and is booked anew.
2026-03-29 23:30  ana uses A 1h    at paris   => FREE 0 + CHARGED 6 from year1:6; 6 taken back
rows ana A   => 2026-03-29 CHARGED 6 360m + 2026-03-29 FREE 0 30m + 2026-03-30 CHARGED 6 30m
consumed from 2026-03-29 to 2026-03-30   => 12
