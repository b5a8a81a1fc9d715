# Defaults do not take in later products; "all products" of a person does (case 14, A2).
offer A B
ben has all
cem has B
defaults A B
ana may open   => ?
ben may open   => ?
cem may open   => ?

# C joins the offer.
offer A B C
ana may open   => ?
ben may open   => ?

# In a team without defaults, what each person was given returns.
defaults off
ana may open   => ?
ben may open   => ?
cem may open   => ?
