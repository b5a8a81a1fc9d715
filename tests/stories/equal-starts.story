# Of two sessions that start together one is charged, always the same, whichever arrives first (N5).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   as laptop    => ?
2026-03-02 08:00  ana uses AutoCAD 2h   as desktop   => ?
why laptop    => ?
why desktop   => ?
withdraw laptop    => ?
withdraw desktop   => ?
2026-03-02 08:00  ana uses AutoCAD 2h   as desktop   => ?
2026-03-02 08:00  ana uses AutoCAD 1h   as laptop    => ?
why laptop    => ?
why desktop   => ?
consumed on 2026-03-02   => ?
