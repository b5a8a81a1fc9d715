# What a source takes back comes back to the pack; what it amends is rated again (M3, L5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 10
2026-03-02 08:00  ana uses AutoCAD 1h   as wrong   => CHARGED 7 from p1:7
2026-03-02 09:00  ana uses AutoCAD 1h   as right   => FREE 0
withdraw wrong   => 7 taken back, 7 booked
why right   => window_opened
left in p1   => 3
amend right to 4m   => 7 taken back, 0 booked
rows ana AutoCAD   => 2026-03-02 CASUAL 0 4m
left in p1   => 10
