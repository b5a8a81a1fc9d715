# Rates below a token add up exactly, across packs too.
rate Plotter 0.1
2026-03-01 00:00  pack p1 0.25
2026-03-01 00:00  pack p2 0.3
2026-03-02 08:00  ana uses Plotter 1h   => CHARGED 0.1 from p1:0.1
2026-03-02 08:00  ben uses Plotter 1h   => CHARGED 0.1 from p1:0.1
2026-03-02 08:00  cem uses Plotter 1h   => CHARGED 0.1 from p1:0.05 p2:0.05
2026-03-02 23:00  left   => 0.25
consumed in 2026-03   => 0.3
