# Two products are two charges (case 4, F5).
rate AutoCAD 7
rate Revit 10
2026-03-01 00:00  pack p1 100
2026-03-02 08:00  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-02 08:30  ana uses Revit 1h     => CHARGED 10 from p1:10
consumed on 2026-03-02   => 17
