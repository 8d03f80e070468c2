"""Pieces of SVG; every attribute and text is escaped."""

from collections.abc import Iterable

from markupsafe import Markup, escape


def element(name: str, content: object = "", **attributes: object) -> Markup:
    """One element; ``class_`` is the class, and underscores in names are dashes.

    Numbers are written with two decimals at most, and None leaves an attribute out.
    """
    written = Markup(" ").join(
        Markup('{}="{}"').format(key.rstrip("_").replace("_", "-"), _short(value))
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{} {}>{}</{}>").format(Markup(name), written, content, Markup(name))


def text(content: object, x: float, y: float, **attributes: object) -> Markup:
    """A label."""
    return element("text", escape(content), x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def polyline(points: Iterable[tuple[float, float]], **attributes: object) -> Markup:
    """A line through points."""
    places = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
    return element("polyline", points=places, **attributes)


def titled(content: Markup, title: str) -> Markup:
    """A group that says `title` when pointed at."""
    return element("g", element("title", escape(title)) + content)


def join(parts: Iterable[Markup]) -> Markup:
    """Pieces one after the other."""
    return Markup("").join(parts)


def drawing(
    width: float, height: float, parts: Iterable[Markup], label: str, *, fixed: bool = False
) -> Markup:
    """A drawing that says what it shows.

    It shrinks and grows with its place, unless it is `fixed` to its natural size.
    """
    size = {"width": round(width), "height": round(height)} if fixed else {}
    view = f"0 0 {_short(width)} {_short(height)}"
    return element("svg", join(parts), viewBox=view, role="img", aria_label=label, **size)


def _short(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return value
