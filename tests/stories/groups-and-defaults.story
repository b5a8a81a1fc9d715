# Somebody may open what they were given, and what their groups were given; default assignments are all there is (A2, B7).
offer A B C
ana has A
ana joins north
ben joins north
north has B
ana may open   => A B
ben may open   => B

# What a group has is everybody's who is in it, and nobody's who goes.
ben joins south
south has all
ben may open   => A B C
ben leaves south
ben may open   => B

# While defaults are on, groups rest with everything else.
defaults C
ana may open   => C
ben may open   => C
defaults off
ana may open   => A B

# A group that has all has what joins the offer later; one that was given products by name has not.
ben joins south
offer A B C D
ana may open   => A B
ben may open   => A B C D
