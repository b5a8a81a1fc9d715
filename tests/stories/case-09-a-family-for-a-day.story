# A at 6 and B at 10 are one family: the day costs the dearer of them (case 9, N2).
enterprise minimum 5m
family design: A B
rate A 6
rate B 10
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 1h   as first    => ?
2026-03-02 11:00  ana uses B 1h   as second   => ?
2026-03-02 13:00  ana uses A 1h   as third    => ?
why first    => ?
why second   => ?
why third    => ?

# The same day reported backwards has the same rows in the end.
2026-03-03 13:00  ana uses A 1h   as late     => ?
2026-03-03 11:00  ana uses B 1h   as middle   => ?
2026-03-03 09:00  ana uses A 1h   as early    => ?
rows ana A   => ?
rows ana B   => ?
consumed on 2026-03-02   => ?
consumed on 2026-03-03   => ?
