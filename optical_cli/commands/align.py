"""`optical align`."""

from dataclasses import dataclass
from pathlib import Path

from optical_cli.settings import ComputeSettings, Invocation, argument, option
from optical_cli.transport.settings import TransportSettings

PARTNERS_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class AlignSettings:
    """What to align and where to draw it."""

    source: str = argument(help="A sentence in the teacher's language.", metavar="SOURCE")
    target: str = argument(help="Its translation, in the student's.", metavar="TARGET")
    teacher: str = option(help="The teacher's directory or hub name.", metavar="DIR")
    student: str = option(help="The student's directory or hub name.", metavar="DIR")
    image: Path | None = option(
        None, help="Heat map to write as well: .png, .svg or .pdf.", metavar="FILE", occasion=True
    )
    overwrite: bool = option(False, help="Replace an existing image.", occasion=True)


def align(
    pair: AlignSettings, transport: TransportSettings, compute: ComputeSettings,
    invocation: Invocation,
) -> None:  # fmt: skip
    """Show which tokens transport pairs in a sentence and its translation.

    Reads the two models. Prints a line per student token: the token, the shares of its mass that
    come from the teacher's tokens, largest first, and the cost of moving it. The last line is
    the transport cost of the pair. With --image writes the plan as a picture as well.

    Examples:

        optical align --teacher work/quickstart/teacher --student work/quickstart/student "The farmer sells maize." "Mkulima anauza mahindi."

        optical align --teacher work/quickstart/teacher --student work/quickstart/student --solver exact --image plan.png "The farmer sells maize." "Mkulima anauza mahindi."
    """  # noqa: E501 - an example is one line that can be copied
    from optical_cli.alignment.aligner import Aligner
    from optical_cli.encoders import load
    from optical_cli.encoders.devices import choose_device
    from optical_cli.encoders.hub import folders_among
    from optical_cli.errors import InputError
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.formats.outputs import output_file, refuse_existing
    from optical_cli.formats.streams import STDIO
    from optical_cli.reporting.alignment import draw, lines, require_image_name
    from optical_cli.transport import unread

    invocation.warn_of_unread(unread(transport))
    if pair.image is not None:
        require_image_name(pair.image)
        refuse_existing(pair.image, overwrite=pair.overwrite)
    for side, text in (("SOURCE", pair.source), ("TARGET", pair.target)):
        if not text.strip():
            raise InputError("is empty", where=side)
    aligner = Aligner(transport, choose_device(compute.device), dtype=compute.dtype)
    teacher, student = (aligner.weighed(load(name)) for name in (pair.teacher, pair.student))
    if teacher.dim != student.dim:
        raise InputError(f"is {student.dim} wide, the teacher {teacher.dim}", where=pair.student)
    # Words that the student meets for the first time are read as in a search.
    readers = ((teacher, pair.source), (student.reading([pair.target]), pair.target))
    vectors = (aligner.vectors(encoder, [text])[0] for encoder, text in readers)
    labels = tuple(aligner.tokens(encoder, text) for encoder, text in readers)
    alignment = aligner.alignment(*vectors, labels)
    with output_file(STDIO) as stream:
        stream.writelines(f"{line}\n".encode() for line in lines(alignment, PARTNERS_SHOWN))
    if pair.image is not None:
        models = folders_among((pair.teacher, pair.student))
        with described_file(pair.image, overwrite=pair.overwrite) as (stream, describe):
            draw(alignment, stream, pair.image.suffix)
            describe(new_manifest("optical-plan-image/1", invocation, inputs=models))
