# [S 003] « De même, les utilisateurs de la version d’évaluation d’un produit ne consommeront pas de jetons pour ce
# produit. » (F9)
rate AutoCAD 7
rate Revit 10
2026-03-01 00:00  pack p1 100
2026-03-01 00:00  trial ana AutoCAD until 2026-03-31 00:00
2026-03-02 08:00  ana uses AutoCAD 30h   as tried   => FREE 0
why tried   => trial
2026-03-03 08:00  ana uses Revit 1h   => CHARGED 10 from p1:10

# [S 003] « Une fois la période d’évaluation terminée, ils commenceront à utiliser des jetons. »
2026-03-30 23:59  ana uses AutoCAD 1h   => FREE 0
2026-03-31 00:59  ana uses AutoCAD 1h   => CHARGED 7 from p1:7
