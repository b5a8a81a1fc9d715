# Two sessions at once are not twice the time; one after the other they add up (N2).
enterprise minimum 5m
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 3m   => ?
2026-03-02 09:00  ana uses A 3m   => ?
2026-03-02 09:02  ana uses A 3m   as last   => ?
why last   => ?

# A late minute before them all makes an earlier piece the one that reaches the minimum.
2026-03-02 08:57  ana uses A 3m   => ?
rows ana A   => ?
consumed on 2026-03-02   => ?
