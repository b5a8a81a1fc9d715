# Tokens of a contract year pay for its usageDates only; a late use finds its own year (N6, L5).
enterprise minimum 5m
server auckland +13:00
rate A 6
2025-01-01 00:00  pack year1 100
2026-01-01 00:00  pack year2 100
2026-01-01 00:00  ana uses A 1h   at auckland   => CHARGED 6 from year2:6
2025-12-31 23:00  ben uses A 30m  at auckland   => CHARGED 6 from year1:6
2026-02-01 00:00  lapse   => year1:94
2025-11-03 09:00  cem uses A 1h   => CHARGED 6 from year1:6
left in year1   => 0
left in year2   => 94
consumed in 2025-11   => 6
