# Complex models cost 0.5 tokens, simple ones 0.1: 10 × 6 and 30 × 5 a month are 45 tokens (worked case 8, S1).
rate Translation:complex 0.5
rate Translation:simple 0.1
2026-03-01 00:00  pack p1 50
2026-03-02 08:00  job Translation:complex x10   => CHARGED 5 from p1:5
2026-03-03 08:00  job Translation:complex x10   => CHARGED 5 from p1:5
2026-03-04 08:00  job Translation:complex x10   => CHARGED 5 from p1:5
2026-03-05 08:00  job Translation:complex x10   => CHARGED 5 from p1:5
2026-03-06 08:00  job Translation:complex x10   => CHARGED 5 from p1:5
2026-03-07 08:00  job Translation:complex x10   => CHARGED 5 from p1:5
2026-03-08 08:00  job Translation:simple x30    => CHARGED 3 from p1:3
2026-03-09 08:00  job Translation:simple x30    => CHARGED 3 from p1:3
2026-03-10 08:00  job Translation:simple x30    => CHARGED 3 from p1:3
2026-03-11 08:00  job Translation:simple x30    => CHARGED 3 from p1:3
2026-03-12 08:00  job Translation:simple x30    => CHARGED 3 from p1:3
2026-03-13 08:00  job Translation:complex x10 failed   => FREE 0
consumed in 2026-03   => 45
left in p1   => 5
