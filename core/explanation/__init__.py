"""Why a model decides as it does about one text, and how far that can be trusted."""

from core.explanation.anytime import explain, explaining
from core.explanation.checking import check_by_deletion
from core.explanation.opinions import second_opinions
from core.explanation.variants import left_out, timeline, variants

__all__ = ["check_by_deletion", "explain", "explaining", "left_out", "second_opinions", "timeline", "variants"]
