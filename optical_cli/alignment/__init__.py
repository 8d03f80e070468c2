"""Transport between texts as encoders read them: costs of pairs, and which token goes with which.

Knows encoders and transport, each of which knows nothing of the other; nothing is trained here.
"""
