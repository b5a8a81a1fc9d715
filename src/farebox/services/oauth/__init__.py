"""
Signing in for programs (OAuth 2): who is registered, what people let them do, and whom a token stands for.

oauth-toolkit and oauthlib speak the protocol; here is what they leave open: teams, families of tokens, and the least
of scope, team and role (quality: authorization matrix).
"""
