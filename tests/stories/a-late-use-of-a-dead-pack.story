# A late use from before a pack's end still draws on it: the lapse already booked is reduced (L5).
rate AutoCAD 7
2025-03-10 09:00  pack p1 20
2026-03-11 00:00  lapse   => ?
2026-03-09 08:00  ana uses AutoCAD 1h   as late   => ?
left in p1   => ?
consumed in 2026-03   => ?

# Taken back, it returns to the pack that paid, and lapses at once.
withdraw late   => ?
left in p1   => ?
2026-03-11 00:00  left   => ?
