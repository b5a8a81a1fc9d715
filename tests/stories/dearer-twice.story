# Each dearer product of the family pays the difference to the dearest before it; together, the dearest (N2, N4).
enterprise minimum 5m
family design: A B C
rate A 6
rate B 10
rate C 17.5
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 1h   => ?
2026-03-02 10:00  ana uses B 1h   => ?
2026-03-02 11:00  ana uses C 1h   => ?
2026-03-02 12:00  ana uses B 1h   => ?
consumed on 2026-03-02   => ?

# Reported last, an early C makes the others free.
2026-03-02 08:00  ana uses C 1h   => ?
rows ana A   => ?
rows ana B   => ?
rows ana C   => ?
consumed on 2026-03-02   => ?
