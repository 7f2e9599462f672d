"""The colours of charts, marks and the matrix: told apart with any colour vision, on white and on black."""

FOR, AGAINST = "47,127,209", "217,119,43"
"""Blue and orange as red, green and blue, for CSS that makes them as strong as what they stand for."""
BLUE, ORANGE, GREY = "#2f7fd1", "#d9772b", "#8b97a5"
CLEAR = "rgba(0,0,0,0)"
