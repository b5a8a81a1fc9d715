# A late use from before a pack's end still draws on it: the lapse already booked is reduced (L5).
rate AutoCAD 7
2025-03-10 09:00  pack p1 20
2026-03-11 00:00  lapse   => p1:20
2026-03-09 08:00  ana uses AutoCAD 1h   as late   => CHARGED 7 from p1:7
left in p1   => 0
consumed in 2026-03   => 7

# Taken back, it returns to the pack that paid, and lapses at once.
withdraw late   => 7 taken back, 0 booked
left in p1   => 0
2026-03-11 00:00  lapse   => nothing
2026-03-11 00:00  left   => 0
