"""How long do builds, networks and attacks take, beside those of others?"""
