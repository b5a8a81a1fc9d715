# A borrowed licence is used on every date from check-out to return; the minutes are divided at midnight (N3).
enterprise minimum 5m
server office +01:00
rate A 6
2026-01-01 00:00  pack year1 344000
2026-03-02 17:00  ana uses A until 2026-03-04 09:00 at office borrowed   => CHARGED 6 from year1:6 + CHARGED 6 from year1:6 + CHARGED 6 from year1:6
rows ana A   => 2026-03-02 CHARGED 6 420m + 2026-03-03 CHARGED 6 1440m + 2026-03-04 CHARGED 6 540m

# Returned at midnight, the return's date has a row of no minutes. Not borrowed, it has none.
2026-03-02 17:00  ben uses A until 2026-03-04 00:00 at office borrowed   => CHARGED 6 from year1:6 + CHARGED 6 from year1:6 + CASUAL 0
rows ben A   => 2026-03-02 CHARGED 6 420m + 2026-03-03 CHARGED 6 1440m + 2026-03-04 CASUAL 0 0m
2026-03-02 17:00  cem uses A until 2026-03-04 00:00 at office            => CHARGED 6 from year1:6 + CHARGED 6 from year1:6
rows cem A   => 2026-03-02 CHARGED 6 420m + 2026-03-03 CHARGED 6 1440m
