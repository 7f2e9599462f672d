"""The colours of charts, marks and the matrix: told apart with any colour vision, on white and on black."""

from core.schema.highlight import AGAINST, FOR

__all__ = ["AGAINST", "BLUE", "CLEAR", "FOR", "GREY", "ORANGE"]

BLUE, ORANGE, GREY = "#2f7fd1", "#d9772b", "#8b97a5"
CLEAR = "rgba(0,0,0,0)"
