#!/usr/bin/env bash
# English -> Swahili on real data: 295 questions that people asked in Swahili, 5,364 English passages.
#
# Pair:      Swahili queries (AfriQA test), English passages, one relevant passage each
# Data:      DATA, a folder with bitext/sw-en.tsv.gz (foreign, English), clir/afriqa/ (collection, queries, qrels) and
#            retrieval_en/ (English queries, passages, qrels for the teacher)
# Model:     MODEL, any encoder by hub name or path
# Hardware:  2 CPU cores are enough with a MiniLM-sized MODEL; a GPU for the default one
# Time:      with MiniLM on one core of a machine that computes bfloat16 itself 20 to 28 minutes, of which six train
#            the teacher; LIMIT=1000 nine
# Expected:  with MiniLM as it is AP .736 distilled, .680 gloss, .832 ceiling; the README's results table has the rest
#
# MODEL=DIR DATA=DIR PAIRS=N LIMIT=N QUESTIONS=yes WORK=DIR bash recipes/afriqa-swahili.sh
set -euo pipefail

MODEL=${MODEL:-bert-base-multilingual-cased}
DATA=${DATA:-${OPTICAL_TEST_DATA:-../shared/data}}
WORK=${WORK:-work/afriqa-swahili}
# Pairs that there are at all, for lexicon, words and student alike; empty is every clean one. With LIMIT as small it
# shows how far few pairs carry.
PAIRS=${PAIRS:-}
# Bitext pairs to train on; a small number makes a trial run.
LIMIT=${LIMIT:-24000}
# A teacher's example has eight times the tokens of a sentence pair; a few thousand teach most of it.
TEACHER_LIMIT=${TEACHER_LIMIT:-$((LIMIT / 3))}
# no: MODEL already ranks well by its own token vectors (MiniLM does) and is the teacher as it is.
TRAIN_TEACHER=${TRAIN_TEACHER:-yes}
# How it is trained. A model that ranks well tells a batch's passages apart from the start; with a new head, and at
# the default temperature, it learns from noise and loses what it knows. For such a one:
# TEACHER_OPTIONS="--plain --temperature 0.2 --lr 2e-5" (see swahili-study.md, entries 24 and 25).
TEACHER_OPTIONS=${TEACHER_OPTIONS:-}
# yes: AfriQA's questions for training and their human translations, some 400, are bitext, too. They have no answers.
QUESTIONS=${QUESTIONS:-no}

AFRIQA=$DATA/clir/afriqa
ENGLISH=$DATA/retrieval_en
mkdir -p "$WORK"

# The test queries and their translations must not be in the bitext, nor anything that is nearly one of them.
PREPARE=(optical prepare-bitext --columns 2,1 --source-lang en --target-lang sw
    --exclude-overlap "$AFRIQA/queries.swa.test.tsv"
    --exclude-overlap "$AFRIQA/queries.swa.test.en-translated.tsv")
"${PREPARE[@]}" "$DATA/bitext/sw-en.tsv.gz" --output "$WORK/bitext"
ASKED=()
if [ "$QUESTIONS" = yes ]; then
    awk -F'\t' -v OFS='\t' '$3 == "train" { print $1, $2 }' "$AFRIQA/sw-en.questions.tsv" > "$WORK/asked.tsv"
    "${PREPARE[@]}" "$WORK/asked.tsv" --dev 0 --output "$WORK/asked"
    ASKED=("$WORK/asked/train.tsv")
fi
# The file stands in blocks by source, so that a part of it has to be drawn; a smaller draw is a part of a larger one.
drawn() { # NUMBER
    shuf --random-source="$WORK/bitext/train.tsv" --head-count="$1" "$WORK/bitext/train.tsv"
}
CLEAN=$WORK/bitext/train.tsv
if [ -n "$PAIRS" ]; then
    drawn "$PAIRS" > "$WORK/drawn.tsv"
    CLEAN=$WORK/drawn.tsv
fi
cat "$CLEAN" "${ASKED[@]}" > "$WORK/bitext.tsv"

optical lexicon --bitext "$WORK/bitext.tsv" --output "$WORK/lexicon.tsv"

# The English teacher. Passages of the test collection are kept out of its training.
TEACHER=$MODEL
if [ "$TRAIN_TEACHER" = yes ]; then
    TEACHER=$WORK/teacher
    # shellcheck disable=SC2086
    optical train-teacher --model "$MODEL" $TEACHER_OPTIONS --output "$TEACHER" \
        --queries "$ENGLISH/queries.tsv.gz" --collection "$ENGLISH/collection.tsv.gz" \
        --qrels "$ENGLISH/qrels.train.tsv.gz" --limit "$TEACHER_LIMIT" \
        --exclude-overlap "$AFRIQA/collection.tsv" \
        --exclude-overlap "$AFRIQA/queries.swa.test.en-translated.tsv"
fi

drawn "$((PAIRS && PAIRS < LIMIT ? PAIRS : LIMIT))" | cat - "${ASKED[@]}" > "$WORK/pairs.tsv"

# Questions are short, news sentences long: the student learns from spans of them.
optical crop-bitext --bitext "$WORK/pairs.tsv" --lexicon "$WORK/lexicon.tsv" --output "$WORK/crops.tsv"

# English questions there are, too: their words are switched into Swahili, drawn from the lexicon.
optical code-switch --queries "$ENGLISH/queries.tsv.gz" --lexicon "$WORK/lexicon.tsv" \
    --bitext "$WORK/bitext.tsv" --limit "$LIMIT" --output "$WORK/switched.tsv"
cat "$WORK/crops.tsv" "$WORK/switched.tsv" > "$WORK/rows.tsv"

# The Swahili student: its new words start from the lexicon, transport does the rest. All words of the bitext become
# tokens, also those that no crop has.
# Batches of 64 rows, as crops are short. Two students of one start are averaged: one that has the teacher's tokens, and
# one that finds the sentence.
cut --fields=2 "$WORK/bitext.tsv" > "$WORK/swahili.txt"
for objective in ot contrastive; do
    optical distill --teacher "$TEACHER" --bitext "$WORK/rows.tsv" --lexicon "$WORK/lexicon.tsv" \
        --vocab-text "$WORK/swahili.txt" --batch-size 64 --objective "$objective" \
        --cache-teacher "$WORK/teacher-cache" --output "$WORK/student.$objective"
done
optical merge "$WORK/student.ot" "$WORK/student.contrastive" --output "$WORK/student"

# Columns: id, title, text; a passage often names its subject in the title alone.
optical encode --model "$TEACHER" --collection "$AFRIQA/collection.tsv" --columns 1,3,2 \
    --output "$WORK/passages"

# What each system reads: the Swahili questions, their gloss, or their human translation.
optical translate --lexicon "$WORK/lexicon.tsv" --queries "$AFRIQA/queries.swa.test.tsv" \
    --output "$WORK/gloss.tsv"
optical encode --model "$TEACHER" --queries "$AFRIQA/queries.swa.test.tsv" --output "$WORK/queries.zero-shot"
optical encode --model "$TEACHER" --queries "$WORK/gloss.tsv" --output "$WORK/queries.gloss"
optical encode --model "$WORK/student" --queries "$AFRIQA/queries.swa.test.tsv" --output "$WORK/queries.distilled"
optical encode --model "$TEACHER" --queries "$AFRIQA/queries.swa.test.en-translated.tsv" \
    --output "$WORK/queries.ceiling"
for system in zero-shot gloss distilled ceiling; do
    optical retrieve --queries "$WORK/queries.$system" --collection "$WORK/passages" \
        --output "$WORK/$system.trec" --top-k 1000
done

# The lexical rivals on the same bitext.
optical bm25 --queries "$AFRIQA/queries.swa.test.tsv" --collection "$AFRIQA/collection.tsv" \
    --columns 1,3,2 --output "$WORK/bm25.trec"
optical bm25 --queries "$AFRIQA/queries.swa.test.tsv" --collection "$AFRIQA/collection.tsv" \
    --columns 1,3,2 --lexicon "$WORK/lexicon.tsv" --output "$WORK/psq.trec"

# They miss different questions. The weights are those of swahili-study.md.
optical fuse "$WORK/distilled.trec" "$WORK/gloss.trec" "$WORK/psq.trec" --method weighted \
    --weight 0.65 --weight 0.25 --weight 0.1 --output "$WORK/fused.trec"

SCORE=(optical evaluate --qrels "$AFRIQA/qrels.swa.test.txt" --measure AP --measure RR@10)
for system in bm25 zero-shot psq gloss distilled fused ceiling; do
    SCORE+=(--run "$system=$WORK/$system.trec")
done
"${SCORE[@]}" --format tsv --output "$WORK/summary.tsv"
"${SCORE[@]}"
