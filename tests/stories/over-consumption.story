# Beyond its pool an enterprise contract goes on: what is over has an account of its own (N7).
enterprise minimum 5m
rate A 6
2026-01-01 00:00  pack year1 10
2026-03-02 09:00  ana uses A 1h   => CHARGED 6 from year1:6
2026-03-03 09:00  ana uses A 1h   => CHARGED 6 from year1:4 over 2
2026-03-04 09:00  ana uses A 1h   as last   => CHARGED 6 over 6
left in year1   => 0
consumed in 2026-03   => 18
withdraw last   => 6 taken back, 0 booked
consumed in 2026-03   => 12
