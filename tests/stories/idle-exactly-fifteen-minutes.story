# Fifteen minutes without activity at the window's end are idle; a microsecond less is in use (F4).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 25h   active 0m-23h45m         => CHARGED 7 from p1:7 + FREE 0
2026-03-02 08:00  ben uses AutoCAD 25h   active 0m-23h45m1us      => CHARGED 7 from p1:7 + CHARGED 7 from p1:7
2026-03-02 08:00  cem uses AutoCAD 25h   active 0m-9h,24h-24h1m   as back   => CHARGED 7 from p1:7 + CHARGED 7 from p1:7
why back   => window_opened, window_resumed
