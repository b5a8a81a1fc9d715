# A product at rate 0 has windows and is counted as charged, and touches no pack (F6).
rate Viewer 0
2026-03-02 08:00  ana uses Viewer 1h   => CHARGED 0
2026-03-02 10:00  ana uses Viewer 1h   => FREE 0
2026-03-03 08:00  ana uses Viewer 1h   => CHARGED 0
short   => 0
consumed in 2026-03   => 0
