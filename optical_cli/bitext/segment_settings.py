"""What is segmented into words, and by what."""

from dataclasses import dataclass

from optical_cli.bounds import COUNT
from optical_cli.settings import limit, option


@dataclass(frozen=True, kw_only=True)
class SegmentSettings:
    """Text, and what its words are learned from."""

    text: str = option(
        help="Lines or a table, every column of which is read; - is stdin.", metavar="FILE"
    )
    learn_from: tuple[str, ...] = option(
        help="Text in the language, lines or a table, such as the bitext; repeatable. The same"
        " text and --pieces give the same words.",
        metavar="FILE",
    )
    pieces: int = option(
        4000,
        help="Different words and parts of words at most, single characters included.",
        within=COUNT,
    )
    limit: int | None = limit("lines")
