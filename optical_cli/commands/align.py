"""`optical align`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from optical_cli.settings import ComputeSettings, Invocation, argument, option
from optical_cli.transport.settings import TransportSettings

if TYPE_CHECKING:
    from optical_cli.encoders import LateInteractionEncoder
    from optical_cli.reporting.alignment import TokenAlignment

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
    from optical_cli import encoders
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
    device = choose_device(compute.device)
    teacher = encoders.load(pair.teacher, device=device)
    student = encoders.load(pair.student, device=device)
    alignment = _aligned(teacher, student, pair, transport)
    with output_file(STDIO) as stream:
        stream.writelines(f"{line}\n".encode() for line in lines(alignment, PARTNERS_SHOWN))
    if pair.image is not None:
        models = folders_among((pair.teacher, pair.student))
        with described_file(pair.image, overwrite=pair.overwrite) as (stream, describe):
            draw(alignment, stream, pair.image.suffix)
            describe(new_manifest("optical-plan-image/1", invocation, inputs=models))


def _aligned(
    teacher: "LateInteractionEncoder",
    student: "LateInteractionEncoder",
    pair: AlignSettings,
    transport: TransportSettings,
) -> "TokenAlignment":
    import torch
    from torch.nn.functional import normalize

    from optical_cli.encoders import weighing_by
    from optical_cli.errors import InputError
    from optical_cli.reporting.alignment import TokenAlignment
    from optical_cli.transport import TokenSide, TransportObjective, by_lengths

    if teacher.dim != student.dim:
        raise InputError(f"is {student.dim} wide, the teacher {teacher.dim}", where=pair.student)
    sides, labels = [], []
    for encoder, text in ((teacher.eval(), pair.source), (student.eval(), pair.target)):
        weighing = transport.weighing
        encoder = weighing_by(encoder, words=weighing.words, by=weighing.by)
        batch = encoder.tokenize_queries([text], expand=False).to(encoder.device)
        with torch.no_grad():
            weighed = encoder.weighed(batch)
        sides.append(
            TokenSide(
                vectors=normalize(weighed, dim=-1), scored=batch.scored,
                type_ids=batch.input_ids, weights=weighed.norm(dim=-1),
            )
        )  # fmt: skip
        labels.append(encoder.tokenizer.convert_ids_to_tokens(batch.input_ids[0].tolist()))
    objective = TransportObjective(transport)
    plan = by_lengths(objective)(*sides).plan
    cost = objective.cost(*(side.vectors for side in sides))[0]
    return TokenAlignment(*labels, plan.plan[0].cpu().numpy(), cost.cpu().numpy())
