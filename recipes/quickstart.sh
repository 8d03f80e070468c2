#!/usr/bin/env bash
# English -> Swahili on the toy world: the whole road, from raw bitext to a scored search.
#
# Pair:      Swahili queries, English passages
# Data:      made here by `optical toy`; nothing is downloaded
# Hardware:  2 CPU cores, no GPU
# Time:      under two minutes
# Expected:  ceiling AP at least .60, zero-shot at most .35 of it, distilled at least .80 of it
#
# Everything lands in work/quickstart (or in the folder named as the first argument).
set -euo pipefail

WORK=${1:-work/quickstart}
# What an earlier run left is made anew; another folder is left alone.
[ -z "$(ls -A "$WORK" 2> /dev/null)" ] || [ -e "$WORK/.quickstart" ] ||
    { echo "$WORK holds what no earlier run of this made: remove it, or name another folder" >&2; exit 4; }
rm -rf "$WORK"
mkdir -p "$WORK" && touch "$WORK/.quickstart"
# The models are tiny: a second thread gains little, and where something else runs both wait for each other.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# A world with passages, queries in two languages, judgements, triples and dirty bitext.
optical toy --output "$WORK/toy"

# Raw bitext to clean pairs; what was rejected and why stands beside them.
optical prepare-bitext "$WORK/toy/bitext.tsv" --output "$WORK/bitext" \
    --source-lang en --target-lang sw

# A vocabulary for both languages and a small random encoder: no pretrained model is at hand here.
optical init-model --output "$WORK/base" \
    --text "$WORK/toy/collection.tsv" --text "$WORK/bitext/train.tsv" --columns 1,2 \
    --vocab-size 2000 --layers 2 --hidden 128

# The teacher learns retrieval in English.
# The rates fit a small random encoder; the default is for pretrained ones.
optical train-teacher --model "$WORK/base" --triples "$WORK/toy/triples.tsv" \
    --lr 1e-3 --epochs 2 --output "$WORK/teacher"

# The student learns Swahili queries from bitext alone, by optimal transport to the teacher.
optical distill --teacher "$WORK/teacher" --bitext "$WORK/bitext/train.tsv" \
    --lr 2e-3 --epochs 4 --output "$WORK/student"

# The passages are encoded once, by the teacher.
optical encode --model "$WORK/teacher" --collection "$WORK/toy/collection.tsv" \
    --output "$WORK/passages"

# The same passages answer three kinds of query vectors.
optical encode --model "$WORK/teacher" --queries "$WORK/toy/queries.sw.tsv" --output "$WORK/queries.zero-shot"
optical encode --model "$WORK/student" --queries "$WORK/toy/queries.sw.tsv" --output "$WORK/queries.distilled"
optical encode --model "$WORK/teacher" --queries "$WORK/toy/queries.en.tsv" --output "$WORK/queries.ceiling"
for system in zero-shot distilled ceiling; do
    optical retrieve --queries "$WORK/queries.$system" --collection "$WORK/passages" \
        --output "$WORK/$system.trec" --top-k 1000
done

# zero-shot: the teacher reads Swahili; distilled: the student does; ceiling: the teacher reads English.
SCORE=(optical evaluate --qrels "$WORK/toy/qrels.txt" --measure AP --measure RR@10
    --run "zero-shot=$WORK/zero-shot.trec"
    --run "distilled=$WORK/distilled.trec"
    --run "ceiling=$WORK/ceiling.trec")
"${SCORE[@]}" --format tsv --output "$WORK/summary.tsv"
"${SCORE[@]}"

echo "The table is $WORK/summary.tsv, the models $WORK/teacher and $WORK/student, the runs $WORK/*.trec."
echo "What made any of them: optical inspect $WORK/distilled.trec"
