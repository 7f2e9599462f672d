"""The views of the Evaluate page: one module each, with `show(info, result)`."""
