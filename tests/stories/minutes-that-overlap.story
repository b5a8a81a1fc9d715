# Two sessions at once are not twice the time; one after the other they add up (N2).
enterprise minimum 5m
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 3m   => CASUAL 0
2026-03-02 09:00  ana uses A 3m   => CASUAL 0
2026-03-02 09:02  ana uses A 3m   as last   => CHARGED 6 from year1:6
why last   => first_of_day

# A late minute before them all makes an earlier piece the one that reaches the minimum.
2026-03-02 08:57  ana uses A 3m   => CASUAL 0; 6 taken back
rows ana A   => 2026-03-02 CASUAL 0 3m + 2026-03-02 CHARGED 6 3m + 2026-03-02 FREE 0 3m + 2026-03-02 FREE 0 3m
consumed on 2026-03-02   => 6
