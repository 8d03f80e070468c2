#!/usr/bin/env bash
# Translate-test on English -> Swahili: translate the question, then search in English. On equal data, and on more.
#
# Pair:      Swahili queries (AfriQA test), English passages, one relevant passage each
# Data:      DATA, a folder with bitext/sw-en.tsv.gz (foreign, English) and clir/afriqa/
# Model:     MODEL, the frozen English teacher, by hub name or path (MiniLM ranks well as it is)
#            NMT, a translation model that was trained on more than this bitext (such as
#            facebook/nllb-200-distilled-600M); without it the rows "nmt-..." are not run
#            DENSE, multilingual encoders of one vector a text (such as intfloat/multilingual-e5-base,
#            sentence-transformers/LaBSE, BAAI/bge-m3), by spaces; without them these rows are not run.
#            They need sentence-transformers, of version 6
#            PICKLED, those of NMT and DENSE whose weights may be a pickle
# Hardware:  2 CPU cores for MiniLM and the small MarianMT
# Time:      with MiniLM, LIMIT=4000 and EPOCHS=10 twelve minutes on one CPU core; ten of them are the MarianMT's
# Expected:  recipes/README.md has the table of the last run, or says that there was none
#
# The MarianMT (mt-baseline.py) has random weights and a vocabulary of its own, and sees the very pairs that the
# student sees. Its rows are called "same bitext" and never "NMT": a translation model needs far more than this.
#
# MODEL=DIR DATA=DIR NMT=NAME DENSE="NAME NAME" LIMIT=N EPOCHS=N WORK=DIR bash recipes/mt-baseline.sh
set -euo pipefail

MODEL=${MODEL:-sentence-transformers/all-MiniLM-L6-v2}
DATA=${DATA:-${OPTICAL_TEST_DATA:-../shared/data}}
WORK=${WORK:-work/mt-baseline}
NMT=${NMT:-}
DENSE=${DENSE:-}
# Of the models named above, those that are or were published as a pickle alone.
PICKLED=${PICKLED-facebook/nllb-200-distilled-600M sentence-transformers/LaBSE BAAI/bge-m3}
# Pairs that both the student and the MarianMT see; a small number makes a trial run.
LIMIT=${LIMIT:-8000}
# Passes of the MarianMT over them; the best by its dev loss is kept. Random weights need many.
EPOCHS=${EPOCHS:-10}

HERE=$(dirname "$0")
AFRIQA=$DATA/clir/afriqa
QUERIES=$AFRIQA/queries.swa.test.tsv

. "$HERE/resume.sh"
settle MODEL DATA LIMIT EPOCHS

# The test queries and their translations must not be in the bitext.
once optical prepare-bitext "$DATA/bitext/sw-en.tsv.gz" --columns 2,1 --source-lang en --target-lang sw \
    --exclude-overlap "$QUERIES" --exclude-overlap "$AFRIQA/queries.swa.test.en-translated.tsv" \
    --output "$WORK/bitext"
shuf --random-source="$WORK/bitext/train.tsv" --head-count="$LIMIT" "$WORK/bitext/train.tsv" > "$WORK/pairs.tsv"

# The lexicon, too, is learned from these pairs and no others. The student is that of afriqa-swahili.sh without its
# English questions, which a translation model has no use for.
once optical lexicon --bitext "$WORK/pairs.tsv" --output "$WORK/lexicon.tsv"
once optical crop-bitext --bitext "$WORK/pairs.tsv" --lexicon "$WORK/lexicon.tsv" --output "$WORK/crops.tsv"
cut --fields=2 "$WORK/pairs.tsv" > "$WORK/swahili.txt"
once optical distill --teacher "$MODEL" --bitext "$WORK/crops.tsv" --lexicon "$WORK/lexicon.tsv" \
    --vocab-text "$WORK/swahili.txt" --batch-size 64 --resume --output "$WORK/student"

# The translation model of the same pairs, and what it makes of the questions.
once python "$HERE/mt-baseline.py" --bitext "$WORK/pairs.tsv" --dev "$WORK/bitext/dev.tsv" \
    --epochs "$EPOCHS" --output "$WORK/marian"
once optical translate --model "$WORK/marian" --queries "$QUERIES" --output "$WORK/questions.same-bitext-mt.tsv"
once optical translate --lexicon "$WORK/lexicon.tsv" --queries "$QUERIES" --output "$WORK/questions.gloss.tsv"
cp "$AFRIQA/queries.swa.test.en-translated.tsv" "$WORK/questions.human.tsv"
# Id, title and text, as in afriqa-swahili.sh.
PASSAGES=(--collection "$AFRIQA/collection.tsv" --columns 1,3,2)
TRANSLATED=(same-bitext-mt gloss human)
if [ -n "$NMT" ]; then
    more=nmt-$(basename "$NMT")
    # shellcheck disable=SC2046
    once optical translate --model "$NMT" $(trust "$NMT") --target-lang sw --queries "$QUERIES" \
        --output "$WORK/questions.$more.tsv"
    TRANSLATED+=("$more")
fi

once optical encode --model "$MODEL" "${PASSAGES[@]}" --output "$WORK/passages"
SCORE=(optical evaluate --qrels "$AFRIQA/qrels.swa.test.txt" --measure AP --measure RR@10)

# Each translation is searched twice: by words, and by the teacher's vectors.
for how in "${TRANSLATED[@]}"; do
    once optical bm25 --queries "$WORK/questions.$how.tsv" "${PASSAGES[@]}" \
        --output "$WORK/bm25.$how.trec"
    once optical encode --model "$MODEL" --queries "$WORK/questions.$how.tsv" --output "$WORK/queries.$how"
    once optical retrieve --queries "$WORK/queries.$how" --collection "$WORK/passages" --top-k 1000 \
        --output "$WORK/teacher.$how.trec"
    SCORE+=(--run "$how.bm25=$WORK/bm25.$how.trec" --run "$how.teacher=$WORK/teacher.$how.trec")
done

# Without a translation: the lexicon's probabilities, the teacher as it is, the student.
once optical bm25 --queries "$QUERIES" "${PASSAGES[@]}" --lexicon "$WORK/lexicon.tsv" \
    --output "$WORK/psq.trec"
once optical encode --model "$MODEL" --queries "$QUERIES" --output "$WORK/queries.zero-shot"
once optical encode --model "$WORK/student" --queries "$QUERIES" --output "$WORK/queries.student"
for system in zero-shot student; do
    once optical retrieve --queries "$WORK/queries.$system" --collection "$WORK/passages" --top-k 1000 \
        --output "$WORK/$system.trec"
done
for system in psq zero-shot student; do SCORE+=(--run "$system=$WORK/$system.trec"); done

for name in $DENSE; do
    run="$WORK/dense.$(basename "$name").trec"
    # shellcheck disable=SC2046
    once python "$HERE/dense-encoder.py" --model "$name" $(trust "$name") --queries "$QUERIES" \
        "${PASSAGES[@]}" --output "$run"
    SCORE+=(--run "$(basename "$name")=$run")
done

SCORE+=(--baseline same-bitext-mt.teacher)
"${SCORE[@]}" --format tsv --overwrite --output "$WORK/summary.tsv"
"${SCORE[@]}"
