# Tokens moved to another team change what is left; adjustments also consume minus what they change (L3, L6, N6, R2).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-03 00:00  move p1 -30     => p1:63
2026-03-04 00:00  adjust p1 -3    => p1:60
2026-03-05 00:00  adjust p1 5.5   => p1:65.5
2026-03-06 00:00  move p1 10      => p1:75.5
2026-03-06 00:00  left   => 75.5
consumed in 2026-03   => 4.5
