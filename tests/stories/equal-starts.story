# Of two sessions that start together one is charged, always the same, whichever arrives first (N5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   as laptop    => CHARGED 7 from p1:7
2026-03-02 08:00  ana uses AutoCAD 2h   as desktop   => CHARGED 7 from p1:7; 7 taken back
why laptop    => in_window
why desktop   => window_opened
withdraw laptop    => nothing changes
withdraw desktop   => 7 taken back, 0 booked
2026-03-02 08:00  ana uses AutoCAD 2h   as desktop   => CHARGED 7 from p1:7
2026-03-02 08:00  ana uses AutoCAD 1h   as laptop    => FREE 0
why laptop    => in_window
why desktop   => window_opened
consumed on 2026-03-02   => 7
