# [S 003] « Remarque : la priorité entre abonnement et version évaluation s’applique uniquement si le même ID Autodesk
# est utilisé pour l’authentification de connexion. » Another identity of the same person has no seat and no trial (F9).
rate AutoCAD 7
2026-03-01 00:00  pack p1 100
2026-03-01 00:00  seat ana AutoCAD until 2027-03-01 00:00
2026-03-01 00:00  trial ben AutoCAD until 2026-03-31 00:00
2026-03-02 08:00  ana uses AutoCAD 1h         => FREE 0
2026-03-02 08:00  ana-at-home uses AutoCAD 1h   => CHARGED 7 from p1:7
2026-03-02 08:00  ben uses AutoCAD 1h         => FREE 0
2026-03-02 08:00  ben-at-home uses AutoCAD 1h   => CHARGED 7 from p1:7
