"""`optical report`."""

from optical_cli.reporting.settings import ReportSettings
from optical_cli.settings import FileOutputSettings, Invocation


def report(what: ReportSettings, out: FileOutputSettings, invocation: Invocation) -> None:
    """Make a page of scores that a person reads.

    Reads score files of any number of systems, languages, seeds and tags. Writes one
    self-contained HTML page, with nothing to fetch: tables with daggers, differences and what
    they show, languages side by side, the resource gap, curves over numeric tags, alignment and
    uniformity, the queries that win and lose most, and where every number comes from. Or the
    tables alone as Markdown, LaTeX or CSV.

    Examples:

        optical report scores.jsonl -o report.html

        optical report scores.jsonl alignment.jsonl --queries sw=queries.sw.tsv --queries en=queries.en.tsv --plans plans.jsonl -o report.html

        optical report scores.jsonl --measure AP --format latex -o table.tex
    """  # noqa: E501 - an example is one line that can be copied
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.reporting.making import make_report

    text, inputs, counts = make_report(what, out.output)
    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        stream.write(text.encode())
        describe(new_manifest("optical-report/1", invocation, inputs=inputs, counts=counts))
