# The dates of each range, and by what its monthly averages divide (T4, T5).
2026-03-15  last 30 days    => 2026-02-14 to 2026-03-15, by 1
2026-03-01  last 30 days    => 2026-01-31 to 2026-03-01, by 1
2026-05-10  last 3 months   => 2026-02-01 to 2026-04-30, by 3
2026-05-01  last 3 months   => 2026-02-01 to 2026-04-30, by 3
2024-03-31  last 1 months   => 2024-02-01 to 2024-02-29, by 1
2026-01-31  last 12 months   => 2025-01-01 to 2025-12-31, by 12
from 2026-01-15 to 2026-02-14   => 2026-01-15 to 2026-02-14, by 1
from 2026-01-10 to 2026-03-20   => 2026-01-10 to 2026-03-20, by 3
from 2026-01-31 to 2026-02-28   => 2026-01-31 to 2026-02-28, by 1
from 2026-02-02 to 2026-02-01   => refused: /range: the last day of a range lies before its first
