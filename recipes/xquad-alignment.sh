#!/usr/bin/env bash
# What distillation does to the space: alignment, uniformity and retrieval on XQuAD (and MLQA), by language.
#
# Pair:      English passages and questions; questions in the languages LANGS of XQuAD
# Data:      DATA, a folder with bitext/LANG-en.tsv.gz and manifest.json (rows of NTREX-128) and clir/xquad/;
#            MLQA, a folder that `optical import mlqa -o DIR` wrote; without it MLQA is not run
# Model:     MODEL, the frozen English teacher, by hub name or path
# Hardware:  2 CPU cores are enough with a MiniLM-sized MODEL
# Time:      with MiniLM three to five minutes of one CPU core for each language and objective; with EPOCHS=1 one
# Expected:  recipes/README.md has the tables of the last run, or says that there was none
#
# Alignment is the mean squared distance of a question and its translation, uniformity the log of the mean
# Gaussian potential of all questions, on pooled unit vectors (Wang and Isola 2020, as in SimCSE). Both are
# measured on the questions of the test articles, which no student has seen. A space that has collapsed is aligned
# best of all: read alignment beside uniformity, and both beside AP.
#
# AP stands there twice: for the questions of the test articles, and for those of the train articles, by which
# objectives and settings are chosen. No student has seen either.
#
# MODEL=DIR DATA=DIR MLQA=DIR LANGS="de th" LIMIT=N EPOCHS=N WORK=DIR bash recipes/xquad-alignment.sh
set -euo pipefail

MODEL=${MODEL:-sentence-transformers/all-MiniLM-L6-v2}
DATA=${DATA:-${OPTICAL_TEST_DATA:-../shared/data}}
WORK=${WORK:-work/xquad-alignment}
LANGS=${LANGS:-ar de el es hi ro ru th tr vi zh}
# Those of them that write no space between words, nor characters that are words. UNSPACED= leaves each grapheme a word.
UNSPACED=${UNSPACED-th}
MLQA=${MLQA:-}
# Objectives to compare, each a student for each language.
OBJECTIVES=${OBJECTIVES:-ot ot+cosine cosine mse contrastive ot+contrastive}
# The mean of the weights of two of them, where both are trained.
MERGED=
if [[ " $OBJECTIVES " = *" ot "* && " $OBJECTIVES " = *" contrastive "* ]]; then MERGED=merged; fi
# Pairs of NTREX to train on for each language; a small number makes a trial run.
LIMIT=${LIMIT:-2000}
# Passes over them, the same for every objective; as many as distill takes by itself unless told.
EPOCHS=${EPOCHS:-}

XQUAD=$DATA/clir/xquad

. "$(dirname "$0")/resume.sh"
. "$(dirname "$0")/parallel-data.sh"
settle MODEL DATA LIMIT UNSPACED EPOCHS

once optical encode --model "$MODEL" --collection "$XQUAD/collection.tsv" --output "$WORK/passages"

ALIGN=(optical evaluate-alignment --teacher "$MODEL" --student "before=$MODEL")
SCORE=(optical evaluate --measure AP --measure RR@10 --per-query --overwrite)
# Among the train articles' scores stands what each objective is worth beside the first.
TRAIN=(--qrels "$XQUAD/qrels.train.txt" --baseline "${OBJECTIVES%% *}" --output "$WORK/scores.train.jsonl")
TEST=(--qrels "$XQUAD/qrels.test.txt" --baseline before --output "$WORK/scores.test.jsonl")
for lang in $LANGS; do
    mkdir -p "$WORK/$lang"
    # Test questions, and the same as pairs of English and translation.
    for side in en "$lang"; do
        xquad_questions "$side" test > "$WORK/$lang/questions.$side.tsv"
    done
    LC_ALL=C join -t $'\t' -o 1.2,2.2 <(LC_ALL=C sort "$WORK/$lang/questions.en.tsv") \
        <(LC_ALL=C sort "$WORK/$lang/questions.$lang.tsv") > "$WORK/$lang/parallel.tsv"
    ALIGN+=(--bitext "$lang=$WORK/$lang/parallel.tsv")

    ntrex_rows "$lang" > "$WORK/$lang/ntrex.tsv"
    once optical prepare-bitext "$WORK/$lang/ntrex.tsv" --columns 2,1 --limit "$LIMIT" --dev 0 \
        --source-lang en --target-lang "$lang" --exclude-overlap "$XQUAD/queries.en.tsv" \
        --exclude-overlap "$XQUAD/queries.$lang.tsv" --output "$WORK/$lang/bitext"
    PAIRS=$WORK/$lang/bitext/train.tsv
    if [[ " $UNSPACED " = *" $lang "* ]]; then
        # Its words are learned from the pairs; students then tell them in questions by themselves.
        once optical segment --text "$PAIRS" --learn-from "$PAIRS" --output "$WORK/$lang/pairs.tsv"
        PAIRS=$WORK/$lang/pairs.tsv
    fi
    once optical lexicon --bitext "$PAIRS" --output "$WORK/$lang/lexicon.tsv"

    for objective in $OBJECTIVES; do
        once optical distill --teacher "$MODEL" --bitext "$PAIRS" --lexicon "$WORK/$lang/lexicon.tsv" \
            --objective "$objective" ${EPOCHS:+--epochs "$EPOCHS"} --cache-teacher "$WORK/$lang/teacher" --resume \
            --output "$WORK/$lang/student.$objective"
        ALIGN+=(--student "$objective/$lang=$WORK/$lang/student.$objective")
    done
    if [ -n "$MERGED" ]; then
        once optical merge "$WORK/$lang/student.ot" "$WORK/$lang/student.contrastive" --output "$WORK/$lang/student.merged"
        ALIGN+=(--student "merged/$lang=$WORK/$lang/student.merged")
    fi
    rm -rf "$WORK/$lang/teacher"
    for system in before $OBJECTIVES $MERGED; do
        reader=$WORK/$lang/student.$system
        if [ "$system" = before ]; then reader=$MODEL; fi
        once optical encode --model "$reader" --queries "$XQUAD/queries.$lang.tsv" \
            --output "$WORK/$lang/queries.$system"
        once optical retrieve --queries "$WORK/$lang/queries.$system" --collection "$WORK/passages" --top-k 240 \
            --output "$WORK/$lang/$system.trec"
        for split in train test; do
            awk 'NR == FNR { wanted[$1]; next } $1 in wanted' "$XQUAD/splits/$split.qids.txt" \
                "$WORK/$lang/$system.trec" > "$WORK/$lang/$system.$split.trec"
        done
        TRAIN+=(--run "$system/$lang=$WORK/$lang/$system.train.trec")
        TEST+=(--run "$system/$lang=$WORK/$lang/$system.test.trec")
        # MLQA's English passages, where a copy of MLQA is at hand and has this language.
        if [ -n "$MLQA" ] && [ -f "$MLQA/queries.$lang.test.tsv" ]; then
            once optical encode --model "$MODEL" --collection "$MLQA/collection.tsv" --output "$WORK/mlqa"
            once optical encode --model "$reader" --queries "$MLQA/queries.$lang.test.tsv" \
                --output "$WORK/$lang/mlqa.$system"
            once optical retrieve --queries "$WORK/$lang/mlqa.$system" --collection "$WORK/mlqa" --top-k 1000 \
                --output "$WORK/$lang/mlqa.$system.trec"
        fi
    done
done

"${ALIGN[@]}" --overwrite --output "$WORK/alignment.jsonl"
"${SCORE[@]}" "${TRAIN[@]}"
"${SCORE[@]}" "${TEST[@]}"
optical report "$WORK/scores.test.jsonl" "$WORK/alignment.jsonl" --overwrite --output "$WORK/report.html"
optical report "$WORK/scores.test.jsonl" "$WORK/alignment.jsonl" --format md --overwrite --output "$WORK/report.md"
cat "$WORK/report.md"
optical report "$WORK/scores.train.jsonl" --format md --overwrite --output "$WORK/report.train.md"
echo "By the questions of the train articles:"
cat "$WORK/report.train.md"
python3 -c 'import json, sys
wanted = ("alignment", "uniformity", "teacher-uniformity", "transport-cost", "P@1(student-teacher,margin)")
rows = {}
for score in map(json.loads, open(sys.argv[1])):
    rows.setdefault((score["system"], score["language"]), {})[score["measure"]] = score
print("system", "language", *wanted, "signature", sep="\t")
for labels, scores in rows.items():
    values = ("%.3f" % scores[name]["value"] for name in wanted)
    print(*labels, *values, scores[wanted[0]]["signature"], sep="\t")' "$WORK/alignment.jsonl"
for lang in $LANGS; do
    if [ -n "$MLQA" ] && [ -f "$MLQA/queries.$lang.test.tsv" ]; then
        RUNS=()
        for system in before $OBJECTIVES $MERGED; do RUNS+=(--run "$system/$lang=$WORK/$lang/mlqa.$system.trec"); done
        optical evaluate --qrels "$MLQA/qrels.en-$lang.test.txt" --measure AP --measure RR@10 \
            "${RUNS[@]}" --baseline before
    fi
done
