# [S 003] « Lorsqu’un utilisateur est affecté à la fois à un abonnement pour utilisateur unique et à des jetons Flex,
# ces derniers ne sont pas utilisés. » Ana has both: a seat for AutoCAD, and tokens. The tokens are not used (F9).
rate AutoCAD 7
rate Revit 10
2026-03-01 00:00  pack p1 100
2026-03-01 00:00  seat ana AutoCAD until 2027-03-01 00:00

# [S 003] « Par exemple, si vous affectez un abonnement AutoCAD à un utilisateur, ce dernier ne consommera pas de jetons
# pour AutoCAD. » However long, however often, and across the end of 24 hours.
2026-03-02 08:00  ana uses AutoCAD 30h   as seated   => FREE 0
2026-03-04 08:00  ana uses AutoCAD 1h    => FREE 0
why seated   => seat

# The seat is for one product: what else she opens is paid with tokens.
2026-03-04 09:00  ana uses Revit 1h   => CHARGED 10 from p1:10
