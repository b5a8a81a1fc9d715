# Opened and closed within three minutes: it costs nothing, and is counted as a use (case 3, F3).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 3m   as mistake   => CASUAL 0
why mistake   => within_grace
2026-03-02  ana used in 30 days   => 1 of 30 days
2026-03-02 23:00  left   => 100
