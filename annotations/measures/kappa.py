"""Agreement on classes beyond what chance would give."""

from collections import Counter
from collections.abc import Hashable, Sequence


def cohen(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa (1960) of two raters' classes of the same nuclei.

    None where it says nothing: without nuclei, or where both used one and the same class only.
    """
    if not pairs:
        return None
    total = len(pairs)
    observed = sum(first == second for first, second in pairs) / total
    ours = Counter(first for first, _ in pairs)
    theirs = Counter(second for _, second in pairs)
    chance = sum(ours[name] * theirs[name] for name in ours) / total**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def fleiss(nuclei: Sequence[Sequence[Hashable]]) -> float | None:
    """Fleiss' kappa (1971): each nucleus with the classes that its raters gave it.

    Each nucleus needs the same number of raters, at least two: ValueError otherwise. None where it
    says nothing: without nuclei, or where everybody used one and the same class only.
    """
    if not nuclei:
        return None
    raters = len(nuclei[0])
    if raters < 2 or any(len(classes) != raters for classes in nuclei):
        raise ValueError("Each nucleus needs the same number of raters, at least two.")
    votes = [Counter(classes) for classes in nuclei]
    pairs = raters * (raters - 1)
    observed = sum(sum(n * (n - 1) for n in each.values()) for each in votes) / (len(votes) * pairs)
    used = sum(votes, Counter())
    chance = sum((n / (len(votes) * raters)) ** 2 for n in used.values())
    return None if chance == 1 else (observed - chance) / (1 - chance)
