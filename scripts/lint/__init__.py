"""Does the book keep its rules: each page, all pages together, the built site?"""
