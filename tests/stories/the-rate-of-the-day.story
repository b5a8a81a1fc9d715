# A new rate holds from the day whose 00:00 on the server's clock it has reached (T7).
enterprise minimum 5m
server denver -07:00
rate A 6
2026-03-03 00:00  rate A 9
2026-01-01 00:00  pack year1 344000
2026-03-02 12:00  ana uses A 1h   at denver   => CHARGED 6 from year1:6
2026-03-02 20:00  ben uses A 1h   at denver   => CHARGED 6 from year1:6
2026-03-03 00:00  ana uses A 1h   at denver   => CHARGED 9 from year1:9
