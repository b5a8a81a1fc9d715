# What a source takes back comes back to the pack; what it amends is rated again (M3, L5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 10
2026-03-02 08:00  ana uses AutoCAD 1h   as wrong   => ?
2026-03-02 09:00  ana uses AutoCAD 1h   as right   => ?
withdraw wrong   => ?
why right   => ?
left in p1   => ?
amend right to 4m   => ?
rows ana AutoCAD   => ?
left in p1   => ?
