"""How do the pages fare on a slow phone, by Lighthouse?"""
