# A person with a seat for A and Flex: A costs nothing and opens no window, B costs tokens (case 13, F9).
rate A 7
rate B 10
2026-03-01 00:00  pack p1 100
2026-03-01 00:00  seat ana A until 2026-03-10 00:00
2026-03-02 08:00  ana uses A 30h   as seated   => FREE 0
2026-03-02 09:00  ana uses B 1h    => CHARGED 10 from p1:10
why seated   => seat

# Judged at the start of the use: what begins under the seat ends under it.
2026-03-09 23:00  ana uses A 8h    => FREE 0
2026-03-10 00:00  ana uses A 1h    => CHARGED 7 from p1:7
