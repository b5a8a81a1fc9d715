# Time below the minimum is casual, and stays so when the product passes it later that day (case 9, N2).
enterprise minimum 5m
family design: A B
rate A 6
rate B 10
2026-01-01 00:00  pack year1 344000
2026-03-02 09:00  ana uses A 60m   => CHARGED 6 from year1:6
2026-03-02 11:00  ana uses B 2m    => CASUAL 0

2026-03-03 09:00  ana uses A 3m    => CASUAL 0
2026-03-03 10:00  ana uses A 4m    => CHARGED 6 from year1:6
rows ana A   => 2026-03-02 CHARGED 6 60m + 2026-03-03 CASUAL 0 3m + 2026-03-03 CHARGED 6 4m
consumed from 2026-03-02 to 2026-03-03   => 12
