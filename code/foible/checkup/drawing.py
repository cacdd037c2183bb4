"""How does a check-up look at a glance?"""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from foible import plots
from foible.checkup.results import Check


def overview(checks: Sequence[Check], ax: Axes | None = None) -> Axes:
    """Each share with its bounds (attacker), beside its baseline (chance).

    A check without a share stands there with its status and no mark.
    """
    with plots.styled():
        ax = plots.axes(ax, height=0.9 + 0.42 * len(checks))
    plots.redrawn(ax.figure.figure, partial(_draw, ax, checks))
    return ax


def _draw(ax: Axes, checks: Sequence[Check], phone: bool) -> None:
    """On a phone the name of a check stands above its line."""
    lift = 0.34 if phone else 0.0
    names = [one.title for one in checks]
    if phone:
        ax.figure.figure.set_figheight(0.9 + 0.62 * len(checks))
    with plots.styled():
        ax.clear()
        for place, one in enumerate(checks):
            _line(ax, one, place + lift / 2)
            if phone:
                ax.text(0, place - lift, one.title, va="center")
        ax.set_yticks(range(len(names)), [""] * len(names) if phone else names)
        ax.tick_params(axis="y", length=0)
        ax.grid(visible=False, axis="y")
        ax.set(xlim=(-0.03, 1.03), ylim=(len(names) - 0.4, -0.6))
        ax.set_xlabel("found ●, baseline │")
        plots.plain_ticks(ax, x=True)


def _line(ax: Axes, one: Check, place: float) -> None:
    attacker, chance = plots.COLOURS["attacker"], plots.COLOURS["chance"]
    if one.share is None:
        ax.text(0, place, one.status, color=chance, va="center", fontstyle="italic")
        return
    if one.interval is not None:
        ax.plot(one.interval, [place, place], color=attacker, linewidth=1.5)
    whole = one.status == "measured"
    face = attacker if whole else "none"
    ax.scatter(one.share, place, edgecolors=attacker, facecolors=face, zorder=3, s=34)
    if one.baseline is not None:
        ax.scatter(one.baseline, place, color=chance, marker="|", s=120, zorder=2)


def curve(one: Check) -> Axes:
    """The share over the radius, where the check knows it for others than its own."""
    with plots.styled():
        ax = plots.axes(None, height=2.6)
        radii, found = one.curve["radius"], one.curve["the attack"]
        ax.plot(radii, found, color=plots.COLOURS["attacker"], marker="o")
        ax.axvline(1, color=plots.COLOURS["chance"], linewidth=1, linestyle=":")
        ax.set(ylim=(-0.03, 1.03), xlabel="radius, in that of the check")
        ax.set_ylabel(one.counts)
        plots.plain_ticks(ax, y=True)
    return ax
