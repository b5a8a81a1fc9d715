# A at 6 and B at 10 are one family: the day costs the dearer of them (case 9, N2).
enterprise minimum 5m
family design: A B
rate A 6
rate B 10
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 1h   as first    => CHARGED 6 from year1:6
2026-03-02 11:00  ana uses B 1h   as second   => INCREMENTAL 4 from year1:4
2026-03-02 13:00  ana uses A 1h   as third    => FREE 0
why first    => first_of_day
why second   => dearer_product
why third    => already_charged

# The same day reported backwards has the same rows in the end.
2026-03-03 13:00  ana uses A 1h   as late     => CHARGED 6 from year1:6
2026-03-03 11:00  ana uses B 1h   as middle   => CHARGED 10 from year1:10; 6 taken back
2026-03-03 09:00  ana uses A 1h   as early    => CHARGED 6 from year1:6; 10 taken back
rows ana A   => 2026-03-02 CHARGED 6 60m + 2026-03-02 FREE 0 60m + 2026-03-03 CHARGED 6 60m + 2026-03-03 FREE 0 60m
rows ana B   => 2026-03-02 INCREMENTAL 4 60m + 2026-03-03 INCREMENTAL 4 60m
consumed on 2026-03-02   => 10
consumed on 2026-03-03   => 10
