"""Who looks: signing in and out, the signed cookie, the tokens of forms, the zone of times.

Every page may import it. The key behind a session is read by `storage.accounts.accounts`; why it is
made like this is in decision 0022, and how people come by one in `api.people.sign_in`.
"""
