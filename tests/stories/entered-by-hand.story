# What is entered by hand is charged at 00:00 UTC of its date, and covers no later session (T2, N6).
rate AutoCAD 7
2026-03-01 00:00  pack p1 20
2026-03-02  ana by hand AutoCAD 7   => CHARGED 7 from p1:7
2026-03-02 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-03  ana by hand AutoCAD 8.5   => CHARGED 8.5 from p1:6 short 2.5
consumed in 2026-03   => 22.5
