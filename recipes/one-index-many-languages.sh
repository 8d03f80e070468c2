#!/usr/bin/env bash
# One frozen English index, eleven query languages: a student for each from about 2,000 news sentences.
#
# Pair:      English passages; queries in the languages of XQuAD (ar de el es hi ro ru th tr vi zh)
# Data:      DATA, a folder with bitext/LANG-en.tsv.gz (foreign, English) and its manifest.json, which says
#            what rows are NTREX-128, and clir/xquad/ (240 paragraphs, 1,190 parallel questions, qrels).
#            optical import ntrex and optical import xquad write the same texts in another layout; the manifest and
#            clir/xquad/splits/ are then yours to make.
# Model:     MODEL, a teacher that ranks English well, by hub name or path; it is not trained here
# Hardware:  2 CPU cores are enough with a MiniLM-sized MODEL
# Time:      with MiniLM six to ten minutes of one CPU core for each language
# Expected:  recipes/README.md has the table of the last run, or says that there was none
#
# The questions of the test articles (32 of 48) are scored; those of the train articles are there for choosing
# settings: that two students are averaged was chosen by them (swahili-study.md, entry 68).
#
# The gap is that between LANGS of class 5 (ar de es zh) and 3 (el ro th); without one of each, RESOURCE_GROUPS=
# leaves it out.
#
# MODEL=DIR DATA=DIR LANGS="ar th" LIMIT=N WORK=DIR bash recipes/one-index-many-languages.sh
set -euo pipefail

MODEL=${MODEL:-sentence-transformers/all-MiniLM-L6-v2}
DATA=${DATA:-${OPTICAL_TEST_DATA:-../shared/data}}
WORK=${WORK:-work/one-index-many-languages}
LANGS=${LANGS:-ar de el es hi ro ru th tr vi zh}
# Those of them that write no space between words, nor characters that are words. UNSPACED= leaves each grapheme a word.
UNSPACED=${UNSPACED-th}
# Pairs of NTREX to use for each language; a small number makes a trial run.
LIMIT=${LIMIT:-2000}
RESOURCE_GROUPS=${RESOURCE_GROUPS-joshi2020-5-3}

XQUAD=$DATA/clir/xquad

. "$(dirname "$0")/resume.sh"
. "$(dirname "$0")/parallel-data.sh"
settle MODEL DATA LIMIT UNSPACED

# The passages are encoded once. Nothing below writes to this folder again.
once optical encode --model "$MODEL" --collection "$XQUAD/collection.tsv" --output "$WORK/passages"

# The questions of the test articles, in English and in each language.
for lang in en $LANGS; do
    xquad_questions "$lang" test > "$WORK/questions.$lang.tsv"
done

# $1 names the system, $2 the language, $3 the encoder, $4 what it reads.
search() {
    once optical encode --model "$3" --queries "$4" --output "$WORK/$2/queries.$1"
    once optical retrieve --queries "$WORK/$2/queries.$1" --collection "$WORK/passages" --top-k 240 \
        --output "$WORK/$2/$1.trec"
}

mkdir -p "$WORK/en"
search teacher en "$MODEL" "$WORK/questions.en.tsv"

SCORE=(optical evaluate --qrels "$XQUAD/qrels.test.txt" --measure AP --measure RR@10
    --run "teacher/en=$WORK/en/teacher.trec")
if [ -n "$RESOURCE_GROUPS" ]; then SCORE+=(--groups "$RESOURCE_GROUPS" --ceiling teacher/en); fi
for lang in $LANGS; do
    mkdir -p "$WORK/$lang"
    ntrex_rows "$lang" > "$WORK/$lang/ntrex.tsv"

    # No test question may be in the bitext; nothing is held out, 2,000 pairs are few.
    once optical prepare-bitext "$WORK/$lang/ntrex.tsv" --columns 2,1 --limit "$LIMIT" --dev 0 \
        --source-lang en --target-lang "$lang" --exclude-overlap "$WORK/questions.en.tsv" \
        --exclude-overlap "$WORK/questions.$lang.tsv" --output "$WORK/$lang/bitext"
    PAIRS=$WORK/$lang/bitext/train.tsv
    TERMS=$WORK/questions.$lang.tsv
    if [[ " $UNSPACED " = *" $lang "* ]]; then
        # Its words are learned from the pairs. The student then tells them in questions by itself; what looks
        # words up in the lexicon does not.
        once optical segment --text "$PAIRS" --learn-from "$PAIRS" --output "$WORK/$lang/pairs.tsv"
        once optical segment --text "$TERMS" --learn-from "$PAIRS" --output "$WORK/$lang/terms.tsv"
        PAIRS=$WORK/$lang/pairs.tsv
        TERMS=$WORK/$lang/terms.tsv
    fi
    once optical lexicon --bitext "$PAIRS" --output "$WORK/$lang/lexicon.tsv"
    # Two students of one start, averaged: one that has the teacher's tokens, one that finds the sentence.
    for objective in ot contrastive; do
        once optical distill --teacher "$MODEL" --bitext "$PAIRS" --lexicon "$WORK/$lang/lexicon.tsv" \
            --objective "$objective" --resume --output "$WORK/$lang/student.$objective"
    done
    once optical merge "$WORK/$lang/student.ot" "$WORK/$lang/student.contrastive" --output "$WORK/$lang/student"

    # What the same bitext gives without a student: its lexicon, read by the teacher or by BM25.
    once optical translate --lexicon "$WORK/$lang/lexicon.tsv" --queries "$TERMS" \
        --output "$WORK/$lang/gloss.tsv"
    search zero-shot "$lang" "$MODEL" "$WORK/questions.$lang.tsv"
    search gloss "$lang" "$MODEL" "$WORK/$lang/gloss.tsv"
    search student "$lang" "$WORK/$lang/student" "$WORK/questions.$lang.tsv"
    once optical bm25 --queries "$TERMS" --collection "$XQUAD/collection.tsv" \
        --lexicon "$WORK/$lang/lexicon.tsv" --top-k 240 --output "$WORK/$lang/psq.trec"
    for system in zero-shot psq gloss student; do
        SCORE+=(--run "$system/$lang=$WORK/$lang/$system.trec")
    done
done

"${SCORE[@]}" --baseline gloss --format tsv --overwrite --output "$WORK/summary.tsv"
"${SCORE[@]}" --baseline gloss
