"""Medians, and what can be said of them: pure functions.

The interval is that of the sign test: order statistics that hold the true median with 95 % at least, whatever the distribution. It needs
six values; for fewer there is none.
"""

from math import comb


def median(values):
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def interval(values):
    """(low, high) around the median, or None."""
    count = len(values)
    outside, rank = 0.0, 0
    while outside + comb(count, rank) / 2**count <= 0.025:
        outside += comb(count, rank) / 2**count
        rank += 1
    if rank == 0:
        return None
    ordered = sorted(values)
    return ordered[rank - 1], ordered[count - rank]


def describe(ratios, target=None, most=False):
    """`0.981 [0.974, 0.990], target at least 0.98: reached`: a target is reached when the interval touches it."""
    text = f"{median(ratios):.3f}"
    bounds = interval(ratios)
    text += f" [{bounds[0]:.3f}, {bounds[1]:.3f}]" if bounds else f" (of {len(ratios)}, too few for an interval)"
    if target is None:
        return text
    low, high = bounds or (median(ratios),) * 2
    reached = low <= target if most else high >= target
    return text + f", target {'at most' if most else 'at least'} {target:g}: {'reached' if reached else 'MISSED'}"
