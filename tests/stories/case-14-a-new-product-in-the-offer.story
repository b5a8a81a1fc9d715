# Defaults do not take in later products; "all products" of a person does (case 14, A2).
offer A B
ben has all
cem has B
defaults A B
ana may open   => A B
ben may open   => A B
cem may open   => A B

# C joins the offer.
offer A B C
ana may open   => A B
ben may open   => A B

# In a team without defaults, what each person was given returns.
defaults off
ana may open   => nothing
ben may open   => A B C
cem may open   => B
