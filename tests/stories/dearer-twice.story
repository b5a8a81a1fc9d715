# Each dearer product of the family pays the difference to the dearest before it; together, the dearest (N2, N4).
enterprise minimum 5m
family design: A B C
rate A 6
rate B 10
rate C 17.5
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 1h   => CHARGED 6 from year1:6
2026-03-02 10:00  ana uses B 1h   => INCREMENTAL 4 from year1:4
2026-03-02 11:00  ana uses C 1h   => INCREMENTAL 7.5 from year1:7.5
2026-03-02 12:00  ana uses B 1h   => FREE 0
consumed on 2026-03-02   => 17.5

# Reported last, an early C makes the others free.
2026-03-02 08:00  ana uses C 1h   => CHARGED 17.5 from year1:17.5; 17.5 taken back
rows ana A   => 2026-03-02 FREE 0 60m
rows ana B   => 2026-03-02 FREE 0 60m + 2026-03-02 FREE 0 60m
rows ana C   => 2026-03-02 CHARGED 17.5 60m + 2026-03-02 FREE 0 60m
consumed on 2026-03-02   => 17.5
