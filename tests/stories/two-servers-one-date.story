# Days of two servers with the same date are one day, hours apart as they are (N1).
enterprise minimum 5m
family design: A B
server tokyo +09:00
server denver -07:00
rate A 6
rate B 10
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 1h   at denver   => ?
2026-03-02 09:00  ana uses B 1h   at tokyo    => ?
rows ana A   => ?
rows ana B   => ?
consumed on 2026-03-02   => ?
