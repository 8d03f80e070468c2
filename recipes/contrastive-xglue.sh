#!/usr/bin/env bash
# Transport, contrastive, or both? Students by three objectives against the encoder as it is.
#
# Pair:      Swahili queries (AfriQA test), English passages: the claim is tested here
# Data:      DATA, a folder with bitext/LANG-en.tsv.gz (foreign, English) and clir/afriqa/;
#            XGLUE, your own copy (folder or archive) of XGLUE, whose license you agree to at its home page:
#            without it WPR, QADSM and QAM are not run
# Model:     MODEL, the frozen English teacher, by hub name or path
# Hardware:  2 CPU cores are enough with a MiniLM-sized MODEL
# Time:      with MiniLM on one CPU core ten minutes, and three to encode the passages
# Expected:  recipes/README.md has the table of the last run, or says that there was none
#
# XGLUE's search tasks have no low-resource language. The bitext is capped at LIMIT pairs to simulate one, and the
# tables say so; what a low-resource language gains is what AfriQA shows.
#
# MODEL=DIR DATA=DIR XGLUE=PATH LIMIT=N WORK=DIR bash recipes/contrastive-xglue.sh
set -euo pipefail

MODEL=${MODEL:-sentence-transformers/all-MiniLM-L6-v2}
DATA=${DATA:-${OPTICAL_TEST_DATA:-../shared/data}}
WORK=${WORK:-work/contrastive-xglue}
XGLUE=${XGLUE:-}
# The cap: pairs of bitext for each language.
LIMIT=${LIMIT:-2000}
OBJECTIVES=${OBJECTIVES:-ot contrastive ot+contrastive}

HERE=$(dirname "$0")
AFRIQA=$DATA/clir/afriqa

. "$HERE/resume.sh"
settle MODEL DATA LIMIT

# $1 is a language; the rest are files whose texts must not be in its bitext. Makes a student for each objective.
students() {
    local lang=$1 exclude=()
    shift
    for file in "$@"; do exclude+=(--exclude-overlap "$file"); done
    mkdir -p "$WORK/$lang"
    once optical prepare-bitext "$DATA/bitext/$lang-en.tsv.gz" --columns 2,1 --source-lang en --target-lang "$lang" \
        "${exclude[@]}" --output "$WORK/$lang/bitext"
    # The file stands in blocks by source, so that a part of it has to be drawn.
    shuf --random-source="$WORK/$lang/bitext/train.tsv" --head-count="$LIMIT" \
        "$WORK/$lang/bitext/train.tsv" > "$WORK/$lang/pairs.tsv"
    once optical lexicon --bitext "$WORK/$lang/pairs.tsv" --output "$WORK/$lang/lexicon.tsv"
    for objective in $OBJECTIVES; do
        once optical distill --teacher "$MODEL" --bitext "$WORK/$lang/pairs.tsv" --lexicon "$WORK/$lang/lexicon.tsv" \
            --objective "$objective" --resume --output "$WORK/$lang/student.$objective"
    done
}

# $1 names what is read, $2 its language, $3 the queries, $4 the vectors of the passages: a run for each system.
searches() {
    local system reader
    for system in zero-shot $OBJECTIVES; do
        reader=$WORK/$2/student.$system
        if [ "$system" = zero-shot ]; then reader=$MODEL; fi
        once optical encode --model "$reader" --queries "$3" --output "$WORK/$2/$1.$system"
        once optical retrieve --queries "$WORK/$2/$1.$system" --collection "$4" --top-k 1000 \
            --output "$WORK/$2/$1.$system.trec"
    done
}

# AfriQA, a real low-resource language.
students sw "$AFRIQA/queries.swa.test.tsv" "$AFRIQA/queries.swa.test.en-translated.tsv"
# Id, title and text, as in afriqa-swahili.sh.
once optical encode --model "$MODEL" --collection "$AFRIQA/collection.tsv" --columns 1,3,2 --output "$WORK/passages"
searches afriqa sw "$AFRIQA/queries.swa.test.tsv" "$WORK/passages"
SCORE=(optical evaluate --qrels "$AFRIQA/qrels.swa.test.txt" --measure AP --measure RR@10 --baseline zero-shot)
for system in zero-shot $OBJECTIVES; do SCORE+=(--run "$system=$WORK/sw/afriqa.$system.trec"); done
"${SCORE[@]}" --format tsv --overwrite --output "$WORK/summary.tsv"
"${SCORE[@]}"

if [ -z "$XGLUE" ]; then
    echo "XGLUE: not run, no copy was given (XGLUE=PATH)"
    exit
fi

# XGLUE: each task ranks or judges the candidates of a query, in the query's own language, so both sides go through
# the student here. A task's languages are those that the bitext folder has, and English, where nothing is trained.
for task in wpr qadsm qam; do
    once optical import "xglue-$task" --from "$XGLUE" --split dev --output "$WORK/$task"
done
for task in wpr qadsm qam; do
    SYSTEMS=()
    for queries in "$WORK/$task"/queries.*.dev.tsv; do
        lang=$(basename "$queries" .dev.tsv)
        lang=${lang#queries.}
        # The task ranks a query's own candidates, which are the passages that are judged for it.
        candidates=$WORK/$task/candidates.$lang.trec
        awk '{ print $1, "Q0", $3, 1, 0, "judged" }' "$WORK/$task/qrels.$lang.dev.txt" > "$candidates"
        case $lang in
            en) readers=(zero-shot) ;;
            *)
                [ -f "$DATA/bitext/$lang-en.tsv.gz" ] || continue
                # One bitext for all tasks, so that no task's queries may be in it.
                students "$lang" "$WORK"/*/queries."$lang".dev.tsv
                readers=(zero-shot $OBJECTIVES) ;;
        esac
        for system in "${readers[@]}"; do
            reader=$WORK/$lang/student.$system
            if [ "$system" = zero-shot ]; then reader=$MODEL; fi
            out=$WORK/$task/$lang.$system
            once optical encode --model "$reader" --queries "$queries" --output "$out.queries"
            once optical encode --model "$reader" --collection "$WORK/$task/collection.$lang.dev.tsv" --output "$out.passages"
            once optical retrieve --queries "$out.queries" --collection "$out.passages" \
                --candidates "$candidates" --output "$out.trec"
            SYSTEMS+=("$system/$lang=$out.trec")
        done
    done
    once python "$HERE/xglue-measures.py" --task "$task" --folder "$WORK/$task" "${SYSTEMS[@]}" \
        --output "$WORK/$task.tsv"
    cat "$WORK/$task.tsv"
done
