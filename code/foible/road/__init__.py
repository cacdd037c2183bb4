"""Signs that are drawn, and a camera that looks at them: nothing is left to chance.

`signs` draws them, `views` says how they are looked at, `camera` shows what is seen.
No library gives an exact camera of flat signs through which one can differentiate.
"""
