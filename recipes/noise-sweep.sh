#!/usr/bin/env bash
# How much does each distillation technique lose as its bitext gets worse, and does the gap between languages move?
#
# Pairs:     NTREX's news sentences alone, whose English side is the same in every language, so that only the language
#            varies (about 1,990); in AMOUNT the same languages with all their pairs, so that only the amount varies;
#            Swahili (sw) with PAIRS of its own, beside the gap and never inside it
# Tests:     XQuAD, 785 parallel questions on 240 English paragraphs; for Swahili AfriQA, 295 questions, 5,364 passages
# Data:      DATA, a folder with bitext/ (LANG-en.tsv.gz: foreign, English; manifest.json), clir/xquad/ and clir/afriqa/
# Model:     MODEL, the frozen teacher and what every student starts from
# Noise:     misaligned pairs, LEVELS; the lexicon that gives students their words is learned from the same noisy pairs,
#            but for the technique `filtered`, a chain of commands that first asks the words which pairs are right
# Hardware:  2 CPU cores; JOBS languages are swept side by side
# Time:      55 seconds of one core a student, of which the defaults make 160, and two to three minutes for each of
#            AMOUNT's 18: about 100 minutes on two cores, not run in one piece. What is done is skipped, so it may be stopped
# Expected:  README.md beside it says what has been measured. PAIRS=80 with a tiny MODEL makes a trial run
#
# LANGUAGES="de sw" TECHNIQUES="ot mse" LEVELS="0 0.5" SEEDS="1 2 3" PAIRS=2000 WORK=DIR bash recipes/noise-sweep.sh
set -euo pipefail

MODEL=${MODEL:-sentence-transformers/all-MiniLM-L6-v2}
DATA=${DATA:-${OPTICAL_TEST_DATA:-../shared/data}}
WORK=${WORK:-work/noise-sweep}
LANGUAGES=${LANGUAGES:-de es ro tr vi sw}
# Languages that are also taken with all their pairs; "" for none.
AMOUNT=${AMOUNT-de es vi}
# How those are taught: one epoch of all pairs is seven times the steps of two epochs of NTREX's.
AMOUNT_TECHNIQUES=${AMOUNT_TECHNIQUES:-ot filtered}
AMOUNT_EPOCHS=${AMOUNT_EPOCHS:-1}
# filtered is a chain: score-bitext --by words tells which pairs probably belong together, and these alone give the lexicon
# and the student, in as many steps. Nobody tells it how much is wrong.
TECHNIQUES=${TECHNIQUES:-ot filtered trust unbalanced partial mse}
LEVELS=${LEVELS:-0 0.2 0.5}
# At this level two students also learn from the pairs alone that the noise leaves as they are, with as many steps; "" for
# none. What they reach is what a robust technique could recover.
KEPT=${KEPT-0.5}
# Swahili has all of these seeds, the others the first. A seed draws the noise and the order of training.
SEEDS=${SEEDS:-1 2 3}
PAIRS=${PAIRS:-2000}
# Pairs of AMOUNT at most.
ALL=${ALL:-30000}
EPOCHS=${EPOCHS:-2}
JOBS=${JOBS:-2}
CORES=$(nproc)
# New words stand near their translations already, and a hotter start forgets that.
LR=${LR:-5e-5}
# keep: the teacher's vocabulary, which splits foreign words into letters; words: a token a word, from the lexicon.
VOCAB=${VOCAB:-words}
# The measured tables are of lexicons from each direction of IBM model 1 for itself, and of students that read words
# met later in pieces, and not as those they are spelt like, and whose tokens weigh all alike.
ALIGNMENT=${ALIGNMENT:-ibm1}
BACK_OFF=${BACK_OFF:-none}
MARGINALS=${MARGINALS:-real}
# A model is 90 MB or more; its run is what counts.
KEEP_STUDENTS=${KEEP_STUDENTS:-no}

RECIPE=$(dirname "$0")
XQUAD=$DATA/clir/xquad
AFRIQA=$DATA/clir/afriqa
FIRST_SEED=${SEEDS%% *}
mkdir -p "$WORK"
. "$RECIPE/resume.sh"
. "$RECIPE/parallel-data.sh"
settle MODEL DATA PAIRS ALL EPOCHS AMOUNT_EPOCHS LR VOCAB ALIGNMENT BACK_OFF MARGINALS

seeds_of() { if [ "$1" = sw ]; then echo "$SEEDS"; else echo "$FIRST_SEED"; fi; }

# What a technique is, in options of optical distill.
options_of() {
    case $1 in
        # Half of each batch is believed in the end: the noise that is expected at worst.
        trust) echo "--objective ot --trust 0.5" ;;
        unbalanced | partial) echo "--objective ot --solver $1" ;;
        *) echo "--objective $1" ;;
    esac
}

# Test questions of a language: XQuAD's file holds the training articles' too.
questions_of() {
    case $1 in
        sw) cp "$AFRIQA/queries.swa.test.tsv" "$WORK/questions.sw.tsv" ;;
        *) xquad_questions "$1" test > "$WORK/questions.$1.tsv" ;;
    esac
}

# Queries, encoded by a model, to a run over the passages of the language's collection.
ranked() { # MODEL LANGUAGE RUN
    complete "$3" && return
    local passages=$WORK/passages.xquad
    [ "$2" = sw ] && passages=$WORK/passages.afriqa
    optical encode --model "$1" --queries "$WORK/questions.$2.tsv" --output "$3.queries" --overwrite --quiet
    # A passage below rank 100 would add less than .01 to its question's AP.
    optical retrieve --queries "$3.queries" --collection "$passages" --top-k 100 --output "$3" --quiet
    rm -r "$3.queries"
}

# Clean pairs of a language: NTREX's rows of the file, or as many of all rows as are wanted.
pairs_of() { # LANGUAGE PART OUTPUT
    complete "$3" && return
    local raw=$3.raw.tsv
    case $2 in
        ntrex) ntrex_rows "$1" > "$raw" ;;
        *) gzip --decompress --stdout "$DATA/bitext/$1-en.tsv.gz" > "$raw" ;;
    esac
    # No test question may be in the bitext, nor its English.
    local unseen=(--exclude-overlap "$XQUAD/queries.$1.tsv" --exclude-overlap "$XQUAD/queries.en.tsv")
    [ "$1" = sw ] && unseen=(--exclude-overlap "$AFRIQA/queries.swa.test.tsv"
        --exclude-overlap "$AFRIQA/queries.swa.test.en-translated.tsv")
    optical prepare-bitext "$raw" --columns 2,1 --source-lang en --target-lang "$1" --dev 0 \
        "${unseen[@]}" --output "$3" --overwrite --quiet
    rm "$raw"
}

# One language at every level, seed and technique.
sweep() { # LANGUAGE PART
    local place=$WORK/$1.$2 pairs=$PAIRS level seed technique
    if [ "$2" = all ]; then
        pairs=$ALL EPOCHS=$AMOUNT_EPOCHS TECHNIQUES=$AMOUNT_TECHNIQUES KEPT=""
    fi
    mkdir -p "$place"
    pairs_of "$1" "$2" "$place/clean"
    # The file stands in blocks by source, so that a part of it has to be drawn.
    shuf --random-source="$place/clean/train.tsv" --head-count="$pairs" "$place/clean/train.tsv" \
        > "$place/pairs.tsv.new"
    mv "$place/pairs.tsv.new" "$place/pairs.tsv"
    for level in $LEVELS; do
        for seed in $(seeds_of "$1"); do
            local noisy=$place/$level.$seed
            complete "$noisy.tsv" || optical inject-noise "$place/pairs.tsv" --noise "misalign=$level" \
                --seed "$seed" --output "$noisy.tsv" --overwrite --quiet
            complete "$noisy.lexicon.tsv" || optical lexicon --bitext "$noisy.tsv" \
                --alignment "$ALIGNMENT" --output "$noisy.lexicon.tsv" --overwrite --quiet
            for technique in $TECHNIQUES; do
                if [ "$technique" = filtered ]; then filtered "$1" "$noisy" "$seed"
                else one "$1" "$noisy" "$seed" "$technique" "$EPOCHS" "$place/cache"; fi
            done
            [ "$level" != "$KEPT" ] || kept "$1" "$place/pairs.tsv" "$noisy" "$seed"
        done
    done
    rm -rf "$place/cache"
}

# Students of the pairs that noise left alone.
kept() { # LANGUAGE CLEAN NOISY SEED
    awk 'NR == FNR { clean[NR] = $0; next } clean[FNR] == $0' "$2" "$3.tsv" > "$3.kept.tsv"
    part "$1" "$3" "$4" kept ot mse
}

# A student of the pairs whose words say that they belong together.
filtered() { # LANGUAGE NOISY SEED
    local part=$2.filtered
    complete "$part.jsonl" || optical score-bitext --by words "$2.tsv" --seed "$3" --output "$part.jsonl" \
        --overwrite --quiet
    complete "$part.clean" || optical prepare-bitext "$part.jsonl" --rule parallel=0.5 --max-reject-share 1 \
        --source-lang en --target-lang "$1" --dev 0 --output "$part.clean" --overwrite --quiet
    cp "$part.clean/train.tsv" "$part.tsv"
    part "$1" "$2" "$3" filtered ot
}

# Students of a part of the pairs, and its lexicon: fewer pairs, more epochs, the same number of steps.
part() { # LANGUAGE NOISY SEED NAME TECHNIQUE...
    local part=$2.$4 language=$1 seed=$3 epochs technique
    complete "$part.lexicon.tsv" || optical lexicon --bitext "$part.tsv" \
        --alignment "$ALIGNMENT" --output "$part.lexicon.tsv" --overwrite --quiet
    epochs=$(awk -v epochs="$EPOCHS" -v all="$(wc -l < "$2.tsv")" -v some="$(wc -l < "$part.tsv")" \
        'BEGIN { print epochs * all / some }')
    shift 4
    for technique in "$@"; do one "$language" "$part" "$seed" "$technique" "$epochs" "$part.cache"; done
    rm -rf "$part.cache"
}

# One student: distill, encode its queries, retrieve.
one() { # LANGUAGE NOISY SEED TECHNIQUE EPOCHS CACHE
    local student=$2.$4 options
    complete "$student.trec" && return
    echo "$(date +%H:%M:%S) $student"
    read -ra options <<< "$(options_of "$4") --student-vocab $VOCAB --back-off $BACK_OFF --marginals $MARGINALS"
    [ "$VOCAB" = keep ] || options+=(--lexicon "$2.lexicon.tsv")
    complete "$student" || optical distill --teacher "$MODEL" --bitext "$2.tsv" --cache-teacher "$6" \
        "${options[@]}" --epochs "$5" --lr "$LR" --seed "$3" --output "$student" --resume --quiet
    ranked "$student" "$1" "$student.trec"
    [ "$KEEP_STUDENTS" = yes ] || rm -r "$student"
}

# This recipe calls itself for each part that it sweeps.
if [ -n "${PART:-}" ]; then
    sweep "${PART%%.*}" "${PART#*.}"
    exit
fi

# The passages are encoded once, by the teacher, and the questions as the teacher reads them.
for language in en $LANGUAGES $AMOUNT; do questions_of "$language"; done
complete "$WORK/passages.xquad" || optical encode --model "$MODEL" --collection "$XQUAD/collection.tsv" \
    --output "$WORK/passages.xquad"
if [[ " $LANGUAGES " = *" sw "* ]]; then
    complete "$WORK/passages.afriqa" || optical encode --model "$MODEL" --collection "$AFRIQA/collection.tsv" \
        --columns 1,3,2 --output "$WORK/passages.afriqa" # id, title, text
fi
ranked "$MODEL" en "$WORK/ceiling.en.trec"
for language in $LANGUAGES $AMOUNT; do
    ranked "$MODEL" "$language" "$WORK/zero-shot.$language.trec"
done

# The longest parts go first.
PARTS=()
for language in $AMOUNT; do PARTS+=("$language.all"); done
for language in $LANGUAGES; do
    if [ "$language" = sw ]; then PARTS=(sw.mixed "${PARTS[@]}"); else PARTS+=("$language.ntrex"); fi
done
printf '%s\n' "${PARTS[@]}" | OMP_NUM_THREADS=${OMP_NUM_THREADS:-$(((CORES + JOBS - 1) / JOBS))} \
    xargs -P "$JOBS" -I{} env PART={} bash "$0"

# Scores by level; the runs of one call are compared in pairs, over the same questions.
SCORES=()
score() { # NAME QRELS BASELINE TAGS... -- RUNS...
    local name=$1 qrels=$2 baseline=$3 tags=()
    shift 3
    while [ "$1" != -- ]; do tags+=(--tag "$1"); shift; done
    shift
    optical evaluate --qrels "$qrels" --measure AP --measure RR@10 --baseline "$baseline" "${tags[@]}" "$@" \
        --output "$WORK/scores.$name.jsonl" --overwrite --quiet
    SCORES+=("$WORK/scores.$name.jsonl")
}
runs_of() { # LEVEL PART LANGUAGE...
    local level=$1 part=$2 techniques=$TECHNIQUES kept=$KEPT language seed technique run
    [ "$part" = all ] && techniques=$AMOUNT_TECHNIQUES kept=""
    shift 2
    for language in "$@"; do
        for seed in $(seeds_of "$language"); do
            for technique in $techniques; do
                [ "$technique" = filtered ] && run=filtered.ot || run=$technique
                echo "--run $technique/$language/$seed=$WORK/$language.$part/$level.$seed.$run.trec"
            done
            if [ "$level" = "$kept" ]; then
                for technique in ot mse; do
                    echo "--run $technique-kept/$language/$seed=$WORK/$language.$part/$level.$seed.kept.$technique.trec"
                done
            fi
        done
        echo "--run zero-shot/$language=$WORK/zero-shot.$language.trec"
    done
}
PARALLEL=$(tr ' ' '\n' <<< "$LANGUAGES" | grep --invert-match --line-regexp sw || true)
GROUPED=(--run "ceiling/en=$WORK/ceiling.en.trec")
# The gap needs a language in either group.
if grep --quiet --extended-regexp 'de|es' <<< "$PARALLEL" && grep --quiet --extended-regexp 'ro|tr|vi' <<< "$PARALLEL"
then GROUPED+=(--groups "$RECIPE/noise-sweep.toml"); fi
for level in $LEVELS; do
    if [ -n "$PARALLEL" ]; then
        read -ra RUNS -d '' < <(runs_of "$level" ntrex $PARALLEL) || true
        score "xquad.$level" "$XQUAD/qrels.test.txt" "${TECHNIQUES%% *}" "noise=$level" -- "${GROUPED[@]}" "${RUNS[@]}"
    fi
    if [[ " $LANGUAGES " = *" sw "* ]]; then
        read -ra RUNS -d '' < <(runs_of "$level" mixed sw) || true
        score "afriqa.$level" "$AFRIQA/qrels.swa.test.txt" "${TECHNIQUES%% *}" "noise=$level" -- "${RUNS[@]}"
    fi
    if [ -n "$AMOUNT" ]; then
        read -ra RUNS -d '' < <(runs_of "$level" all $AMOUNT) || true
        score "amount.$level" "$XQUAD/qrels.test.txt" "${AMOUNT_TECHNIQUES%% *}" "noise=$level" "pairs=all" -- "${RUNS[@]}"
    fi
done

optical report "${SCORES[@]}" --measure AP --title "Retrieval after distillation from noisy bitext" \
    --output "$WORK/report.html" --overwrite
optical report "${SCORES[@]}" --measure AP --format md --output "$WORK/report.md" --overwrite --quiet
echo "The page is $WORK/report.html, its tables $WORK/report.md, the numbers $WORK/scores.*.jsonl."
