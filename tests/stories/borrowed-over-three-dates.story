# A borrowed licence is used on every date from check-out to return; the minutes are divided at midnight (N3).
enterprise minimum 5m
server office +01:00
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-02 17:00  ana uses A until 2026-03-04 09:00 at office borrowed   => ?
rows ana A   => ?

# Returned at midnight, the return's date has a row of no minutes. Not borrowed, it has none.
2026-03-02 17:00  ben uses A until 2026-03-04 00:00 at office borrowed   => ?
rows ben A   => ?
2026-03-02 17:00  cem uses A until 2026-03-04 00:00 at office            => ?
rows cem A   => ?
