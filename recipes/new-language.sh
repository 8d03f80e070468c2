#!/usr/bin/env bash
# Search English passages in a language that no model covers, from two folders.
#
# You have:  BITEXT, a folder of sentences in your language with their English translations, in files of any
#            layout that `optical prepare-bitext -h` names (two columns, Moses pairs, TMX, ...), and
#            PASSAGES, a folder of English texts: .txt files, a passage a paragraph, or .tsv files (id, text).
# You get:   WORK/student, a model that reads your language, and WORK/passages, everything it can find; and the
#            answers to the questions in QUERIES (id, text), if you have some.
# Model:     MODEL, an English model, by hub name or path; nothing in it needs to know your language
# Hardware:  2 CPU cores are enough with a MiniLM-sized MODEL
# Time:      with MiniLM on one CPU core eight minutes for 8,000 pairs and 5,000 passages
# Expected:  recipes/README.md has the table of the last run on Swahili, or says that there was none
#
# LANGUAGE=so BITEXT=my/bitext PASSAGES=my/texts QUERIES=my/questions.tsv bash recipes/new-language.sh
#
# If you have never trained a model: there is nothing to choose below. Every step is one command that reads files
# and writes files; if one stops, it says why in one line, and the script can be started again: it goes on where it
# was. To begin anew, with more bitext for example, remove WORK. `optical COMMAND -h` explains each command.
set -euo pipefail

MODEL=${MODEL:-sentence-transformers/all-MiniLM-L6-v2}
WORK=${WORK:-work/new-language}
# The code of your language: sw is Swahili, so Somali, ... An unknown code is fine, too.
LANGUAGE=${LANGUAGE:?LANGUAGE is the code of your language, such as so}
BITEXT=${BITEXT:?BITEXT is a folder with sentences and their English translations}
PASSAGES=${PASSAGES:?PASSAGES is a folder of English .txt or .tsv files}
# Which column of a two-column file is English and which is yours: 1,2 where English comes first.
COLUMNS_OF_BITEXT=${COLUMNS_OF_BITEXT:-1,2}
# no, if your language puts no space between words, as Thai, Lao, Khmer and Burmese: its words are then learned from
# your sentences. (Not for Chinese and Japanese, whose characters are words enough.)
SPACES=${SPACES:-yes}
# Questions in your language, and (rarely at hand) judgements of what answers them, to measure with.
QUERIES=${QUERIES:-}
QRELS=${QRELS:-}
# More pairs are better, and take longer. A small number makes a trial run.
LIMIT=${LIMIT:-8000}
# How the student reads your language, which MODEL spells letter by letter, if it can read its script at all.
# words: each word of your sentences is a token of its own. new:8000: the same words in 8,000 pieces; a smaller model,
# in which words share their parts. Words that no sentence has are read as those that
# they are spelt like (words), or spelled as MODEL would (new:8000).
VOCAB=${VOCAB:-words}

# What is wrong with what you have is said now, not after an hour of training.
stop() { echo "$1" >&2; exit 3; }
any() { [ -n "$(find -L "$1" -maxdepth 1 -type f ! -name '.*' "${@:2}" 2> /dev/null)" ]; } # FOLDER TEST...
any "$BITEXT" || stop "BITEXT: there is no file in a folder $BITEXT"
any "$PASSAGES" "(" -iname '*.txt' -o -iname '*.tsv' ")" ||
    stop "PASSAGES: there is no .txt or .tsv file in a folder $PASSAGES"
for file in "$QUERIES" "$QRELS"; do
    [ -z "$file" ] || [ -s "$file" ] || stop "$file: is not there, or is empty"
done

# `once` runs a command only if its output, the last argument, is missing.
. "$(dirname "$0")/resume.sh"
settle MODEL LANGUAGE BITEXT COLUMNS_OF_BITEXT PASSAGES QUERIES LIMIT VOCAB SPACES

# The lines of a file as Unix has them: Windows ends them otherwise, and may begin the first with a mark.
plain() { LC_ALL=C awk 'FNR == 1 { sub(/^\357\273\277/, "") } { sub(/\r$/, ""); print }' "$1"; }

# The rows of a file, or what is wrong with one of them.
rows() { # FILE
    plain "$1" | awk -F '\t' -v name="$1" 'NF < 2 || $1 !~ /^[^ ]+$/ {
            print name ":" NR ": expected an id without spaces, a tab and a text" > "/dev/stderr"; exit 3
        }
        $1 in seen { print name ":" NR ": the id " $1 " is that of another line, too" > "/dev/stderr"; exit 3 }
        { seen[$1]; print }'
}

# 1. Your passages become one file: an id, a tab, the text.
for file in "$PASSAGES"/*; do
    case ${file,,} in
        *.tsv) rows "$file" ;;
        # A paragraph ends at an empty line; its id is the file's name, without spaces, and its number.
        *.txt)
            name=$(basename "${file%.*}")
            plain "$file" | sed 's/^[[:blank:]]*$//' | awk -v name="${name//[[:space:]]/_}" -v RS= \
                '{ gsub(/[ \t\n]+/, " "); print name "-" NR "\t" $0 }' ;;
    esac
done > "$WORK/passages.tsv"
[ -s "$WORK/passages.tsv" ] || stop "PASSAGES: the files in $PASSAGES are empty"
rows "$WORK/passages.tsv" > "$WORK/collection.tsv"
if [ -n "$QUERIES" ]; then
    rows "$QUERIES" > "$WORK/questions.tsv"
    QUERIES=$WORK/questions.tsv
fi

# 2. Real bitext has rubbish in it: other languages, lines that do not belong together, the same line a hundred
#    times. This throws it out; WORK/bitext/report.html shows what and why. Your questions are kept out too, so that
#    nothing is learned from what you will ask.
EXCLUDE=()
if [ -n "$QUERIES" ]; then EXCLUDE=(--exclude-overlap "$QUERIES"); fi
once optical prepare-bitext "$BITEXT"/* --columns "$COLUMNS_OF_BITEXT" --source-lang en --target-lang "$LANGUAGE" \
    "${EXCLUDE[@]}" --output "$WORK/bitext"

# 3. Which word means which: counted from the pairs. A dictionary that makes itself. Where no space says what a word is,
#    the pairs have to say that first; the student then tells words by itself in what you ask.
PAIRS=$WORK/bitext/train.tsv
if [ "$SPACES" = no ]; then
    once optical segment --text "$PAIRS" --learn-from "$PAIRS" --output "$WORK/segmented.tsv"
    PAIRS=$WORK/segmented.tsv
fi
once optical lexicon --bitext "$PAIRS" --output "$WORK/lexicon.tsv"

# 4. Questions are short and sentences long: pieces of sentences that translate each other look more like questions.
#    The pairs are drawn at random, since files often have one kind of text after the other.
shuf --random-source="$PAIRS" --head-count="$LIMIT" "$PAIRS" > "$WORK/pairs.tsv"
once optical crop-bitext --bitext "$WORK/pairs.tsv" --lexicon "$WORK/lexicon.tsv" --output "$WORK/crops.tsv"

# 5. The student. MODEL reads the English side of each pair and the student learns to think the same of yours: one
#    copy of it token by token (ot), one by telling the sentence from others (contrastive). Their average is better
#    than each.
#    What it reads your language in begins as the mean of its translations; the rest it has from MODEL.
#    --dev: pairs it does not learn from, by which the best moment of the training is kept.
#    --vocab-text: it can read all words of your bitext, not only those of the pieces that it learns from.
cut --fields=2 "$PAIRS" > "$WORK/words.txt"
for objective in ot contrastive; do
    once optical distill --teacher "$MODEL" --bitext "$WORK/crops.tsv" --dev "$WORK/bitext/dev.tsv" \
        --lexicon "$WORK/lexicon.tsv" --student-vocab "$VOCAB" --vocab-text "$WORK/words.txt" \
        --objective "$objective" --batch-size 64 --resume --output "$WORK/student.$objective"
done
once optical merge "$WORK/student.ot" "$WORK/student.contrastive" --output "$WORK/student"

# 6. The passages, read once by MODEL. They serve every language that you may add later.
once optical encode --model "$MODEL" --collection "$WORK/collection.tsv" --output "$WORK/passages"

# 7. Ask.
if [ -z "$QUERIES" ]; then
    echo "Done. Put questions into a file, an id, a tab and the question on each line, and:"
    echo "  optical encode --model $WORK/student --queries FILE --output $WORK/queries"
    echo "  optical retrieve --queries $WORK/queries --collection $WORK/passages --output $WORK/run.trec"
    exit
fi
once optical encode --model "$WORK/student" --queries "$QUERIES" --output "$WORK/queries"
once optical retrieve --queries "$WORK/queries" --collection "$WORK/passages" --top-k 100 --output "$WORK/student.trec"

# The first three questions with the best passage for each.
awk -F '\t' 'FILENAME == ARGV[1] { question[$1] = $2; next }
    FILENAME == ARGV[2] { passage[$1] = $2; next }
    { split($0, run, " ") }
    run[4] == 1 && shown++ < 3 { print question[run[1]]; print "  -> " substr(passage[run[3]], 1, 160); print "" }' \
    "$QUERIES" "$WORK/collection.tsv" "$WORK/student.trec"

# 8. With judgements: is it any good? Beside it what needs no training: MODEL as it is, and the dictionary alone.
if [ -n "$QRELS" ]; then
    once optical encode --model "$MODEL" --queries "$QUERIES" --output "$WORK/queries.untrained"
    once optical retrieve --queries "$WORK/queries.untrained" --collection "$WORK/passages" --top-k 100 \
        --output "$WORK/untrained.trec"
    TERMS=$QUERIES
    if [ "$SPACES" = no ]; then
        TERMS=$WORK/terms.tsv
        once optical segment --text "$QUERIES" --learn-from "$WORK/bitext/train.tsv" --output "$TERMS"
    fi
    once optical translate --lexicon "$WORK/lexicon.tsv" --queries "$TERMS" --output "$WORK/gloss.tsv"
    once optical encode --model "$MODEL" --queries "$WORK/gloss.tsv" --output "$WORK/queries.gloss"
    once optical retrieve --queries "$WORK/queries.gloss" --collection "$WORK/passages" --top-k 100 \
        --output "$WORK/gloss.trec"
    SCORE=(optical evaluate --qrels "$QRELS" --measure AP --measure RR@10 --run "untrained=$WORK/untrained.trec"
        --run "gloss=$WORK/gloss.trec" --run "student=$WORK/student.trec" --baseline gloss)
    "${SCORE[@]}" --format tsv --overwrite --output "$WORK/summary.tsv"
    "${SCORE[@]}"
fi
