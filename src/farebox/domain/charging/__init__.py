"""
What a use costs: one module for each scheme, because they share words but no rules.

    flex          24 hours for one person and product, from the first launch       (domain F1-F5)
    enterprise    the dearest product of a family, for one person and day          (domain N1-N4)
    precedence    a seat, then a trial, then tokens                                (domain F9)
"""
