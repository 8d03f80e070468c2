#!/usr/bin/env bash
# What makes a Swahili student good? The rivals on the same pairs, the same words and the same loop.
#
# Pair:      Swahili queries, English passages (AfriQA), after recipes/afriqa-swahili.sh, whose files in WORK are taken up
# Select:    teacher agreement on AfriQA's train and dev questions: AP with the teacher's first passage for the English
#            translation as the one relevant passage; no judgement, no test question
# Test:      TEST=yes adds the 295 test questions: once per setting that dev has frozen
# Model:     MODEL, the frozen teacher, by hub name or path: the one that recipes/afriqa-swahili.sh ran with TRAIN_TEACHER=no
# Systems:   SYSTEMS, from those below; done ones are skipped, so it may be stopped at any time
# Seeds:     SEEDS, of systems that are trained; differences are then bootstrapped over seeds and questions
# Time:      with MiniLM about seven minutes a trained system on one CPU core of an AMX machine
# Expected:  recipes/swahili-study.md
#
# MODEL=DIR DATA=DIR WORK=DIR SYSTEMS="mse ot" SEEDS="1 2" TEST=yes bash recipes/swahili-study.sh
set -euo pipefail

MODEL=${MODEL:-sentence-transformers/all-MiniLM-L6-v2}
DATA=${DATA:-${OPTICAL_TEST_DATA:-../shared/data}}
WORK=${WORK:-work/afriqa-swahili}
SYSTEMS=${SYSTEMS:-bm25 psq zero-shot gloss untrained unextended greedy cosine mse contrastive ot+contrastive ot fused merged-cosine merged merged-fused human}
SEEDS=${SEEDS:-13}
TEST=${TEST:-no}

AFRIQA=$DATA/clir/afriqa
STUDY=$WORK/study
mkdir -p "$STUDY"
. "$(dirname "$0")/resume.sh"
settle MODEL DATA

# Train and dev questions, without those that share either side with a test question; the dev questions alone, where
# those for training are among the pairs (QUESTIONS=yes).
LEARNED=
[ ! -d "$WORK/asked" ] || LEARNED=train
cut --fields=2 "$AFRIQA/queries.swa.test.tsv" "$AFRIQA/queries.swa.test.en-translated.tsv" > "$STUDY/test.txt"
awk -F'\t' -v OFS='\t' -v sw="$STUDY/dev.sw.tsv" -v en="$STUDY/dev.en.tsv" -v learned="$LEARNED" '
    NR == FNR { test[tolower($1)]; next }
    $3 != "test" && $3 != learned && !(tolower($1) in test) && !(tolower($2) in test) { id = "q" ++n; print id, $1 > sw; print id, $2 > en }
' "$STUDY/test.txt" "$AFRIQA/sw-en.questions.tsv"

cat "$WORK/pairs.tsv" "$WORK/rows.tsv" > "$STUDY/everything.tsv"

SETS=dev
cp "$STUDY/dev.sw.tsv" "$STUDY/questions.dev.tsv"
cp "$STUDY/dev.en.tsv" "$STUDY/translations.dev.tsv"
if [ "$TEST" = yes ]; then
    SETS="dev test"
    cp "$AFRIQA/queries.swa.test.tsv" "$STUDY/questions.test.tsv"
    cp "$AFRIQA/queries.swa.test.en-translated.tsv" "$STUDY/translations.test.tsv"
    cp "$AFRIQA/qrels.swa.test.txt" "$STUDY/qrels.test.txt"
fi

# Queries, encoded by a model, to a run.
ranked() { # MODEL QUERIES RUN [OPTION...]
    local model=$1 queries=$2 run=$3
    shift 3
    complete "$run" && return
    optical encode --model "$model" --queries "$queries" --output "$run.vectors" --overwrite --quiet
    optical retrieve --queries "$run.vectors" --collection "$WORK/passages" --output "$run" --quiet "$@"
    rm -r "$run.vectors"
}

# What the teacher finds first for the English question is what a student should find.
ranked "$MODEL" "$STUDY/dev.en.tsv" "$STUDY/teacher.dev.trec" --top-k 1
awk '{ print $1, 0, $3, 1 }' "$STUDY/teacher.dev.trec" > "$STUDY/qrels.dev.txt"

# What a student is, in options of optical distill beside those of recipes/afriqa-swahili.sh: an objective on its rows,
# or one change, to transport or, as CHANGE-OBJECTIVE, to one of its rivals.
options_of() { # SYSTEM
    local change=$1 objective=ot rows="--bitext $WORK/rows.tsv"
    case $1 in
        *-mse | *-cosine | *-contrastive) change=${1%-*} objective=${1##*-} ;;
    esac
    case $change in
        # The published setting: whole sentences, [MASK]s, the teacher's own pieces; for a teacher with expansion, which
        # MODEL as it is has not; the same without [MASK]s.
        paper) echo "--bitext $WORK/pairs.tsv --preset paper" && return ;;
        unextended) echo "--bitext $WORK/pairs.tsv --objective ot --marginals all --student-vocab keep" && return ;;
        untrained) echo "$rows --steps 0" && return ;;
        # What is read: whole sentences, as long as they are; their crops; crops, switched English queries and whole sentences.
        whole) rows="--bitext $WORK/pairs.tsv" ;;
        whole-96) rows="--bitext $WORK/pairs.tsv --pair-length 96" ;;
        crops) rows="--bitext $WORK/crops.tsv" ;;
        everything) rows="--bitext $STUDY/everything.tsv" ;;
        english) rows+=" --also-source 0.2" ;;
        # Which words are tokens, what they start from, how others are read.
        subwords) rows+=" --student-vocab new:8000" ;;
        two-translations) rows+=" --start-translations 2" ;;
        pieces) rows+=" --back-off none" ;;
        # How it is trained.
        embeddings-first) rows+=" --train embeddings@0.3" ;;
        hotter) rows+=" --lr 2e-4" ;;
        longer) rows+=" --epochs 2" ;;
        mse-then-ot) objective=mse@0.3,ot=1+mse=0.3 ;;
        # What tokens weigh; the norms of their vectors unless told otherwise, as in MODEL's own ranking.
        unweighed) rows+=" --marginals real" ;;
        words) rows+=" --marginals words+norm" ;;
        idf) rows+=" --marginals idf" ;;
        # Which plan.
        annealed) rows+=" --solver divergence --epsilon-schedule inf:0.05x" ;;
        lexicon-prior) rows+=" --prior lexicon" ;;
        position-prior) rows+=" --prior position" ;;
        centered) rows+=" --center-plan" ;;
        # InfoNCE whose softmax is softer.
        warm) rows+=" --temperature 0.2" ;;
        # The passages are those that are searched, without any judgement of them.
        scores)
            rows+=" --passages $WORK/passages --top-passages 4 --random-passages 4"
            objective+=+score-kl
            ;;
        *) objective=$1 ;;
    esac
    echo "$rows --objective $objective"
}

BM25=(optical bm25 --collection "$AFRIQA/collection.tsv" --columns 1,3,2 --quiet)

# Runs and students of systems that chance has no part in are there once for all seeds.
name_of() { # SYSTEM SEED
    case $1 in
        bm25 | psq | zero-shot | gloss | untrained | human) echo "$1" ;;
        *) echo "$1.$2" ;;
    esac
}

student() { # SYSTEM SEED
    local folder
    folder=$STUDY/student.$(name_of "$1" "$2")
    case $1 in
        # The mean of two students of one start: one that imitates the teacher's tokens (by transport, or by cosine), and
        # one that finds the sentence.
        merged | merged-cosine)
            local imitator=ot
            [ "$1" = merged ] || imitator=cosine
            student "$imitator" "$2"
            student contrastive "$2"
            complete "$folder" ||
                optical merge "$STUDY/student.$imitator.$2" "$STUDY/student.contrastive.$2" --output "$folder"
            return
            ;;
    esac
    # shellcheck disable=SC2046
    complete "$folder" || optical distill --teacher "$MODEL" --lexicon "$WORK/lexicon.tsv" \
        --vocab-text "$WORK/swahili.txt" --batch-size 64 --cache-teacher "$WORK/teacher-cache" \
        $(options_of "$1") --seed "$2" --output "$folder" --resume
}

run_of() { # SYSTEM SEED SET RUN
    local queries=$STUDY/questions.$3.tsv
    complete "$4" && return
    case $1 in
        bm25) "${BM25[@]}" --queries "$queries" --output "$4" ;;
        psq) "${BM25[@]}" --queries "$queries" --lexicon "$WORK/lexicon.tsv" --output "$4" ;;
        gloss)
            optical translate --lexicon "$WORK/lexicon.tsv" --queries "$queries" --output "$STUDY/gloss.$3.tsv" \
                --overwrite --quiet
            ranked "$MODEL" "$STUDY/gloss.$3.tsv" "$4"
            ;;
        zero-shot) ranked "$MODEL" "$queries" "$4" ;;
        human) ranked "$MODEL" "$STUDY/translations.$3.tsv" "$4" ;;
        # Weights by agreement on the dev questions: on all, and on the 250 that the teacher is surest of.
        fused | merged-fused)
            local read=merged
            [ "$1" = merged-fused ] || read=ot
            optical fuse "$STUDY/$read.$2.$3.trec" "$STUDY/gloss.$3.trec" "$STUDY/psq.$3.trec" \
                --method weighted --weight 0.65 --weight 0.25 --weight 0.1 --output "$4" --quiet
            ;;
        *)
            student "$1" "$2"
            ranked "$STUDY/student.$(name_of "$1" "$2")" "$queries" "$4"
            ;;
    esac
}

BASELINE=${SYSTEMS%% *}
[[ " $SYSTEMS " != *" gloss "* ]] || BASELINE=gloss
for set in $SETS; do
    SCORE=(optical evaluate --qrels "$STUDY/qrels.$set.txt" --measure AP --measure RR@10)
    [ "$SYSTEMS" = "$BASELINE" ] || SCORE+=(--baseline "$BASELINE")
    for seed in $SEEDS; do
        for system in $SYSTEMS; do
            run=$STUDY/$(name_of "$system" "$seed").$set.trec
            run_of "$system" "$seed" "$set" "$run"
            SCORE+=(--run "$system/sw/$seed=$run")
        done
    done
    echo "== $set"
    "${SCORE[@]}" --format tsv --output "$STUDY/$set.tsv" --overwrite
    "${SCORE[@]}"
done
