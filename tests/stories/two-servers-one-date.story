# Days of two servers with the same date are one day, hours apart as they are (N1).
enterprise minimum 5m
family design: A B
server tokyo +09:00
server denver -07:00
rate A 6
rate B 10
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 1h   at denver   => CHARGED 6 from year1:6
2026-03-02 09:00  ana uses B 1h   at tokyo    => CHARGED 10 from year1:10; 6 taken back
rows ana A   => 2026-03-02 FREE 0 60m
rows ana B   => 2026-03-02 CHARGED 10 60m
consumed on 2026-03-02   => 10
