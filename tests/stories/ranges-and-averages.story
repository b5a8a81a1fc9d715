# The dates of each range, and by what its monthly averages divide (T4, T5).
2026-03-15  last 30 days    => ?
2026-03-01  last 30 days    => ?
2026-05-10  last 3 months   => ?
2026-05-01  last 3 months   => ?
2024-03-31  last 1 months   => ?
2026-01-31  last 12 months   => ?
from 2026-01-15 to 2026-02-14   => ?
from 2026-01-10 to 2026-03-20   => ?
from 2026-01-31 to 2026-02-28   => ?
from 2026-02-02 to 2026-02-01   => ?
