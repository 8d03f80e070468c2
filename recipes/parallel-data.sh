# What recipes share that read DATA's parallel questions and bitext; they source it.

# XQuAD's questions of LANG: those of the test articles, or of the train articles.
xquad_questions() { # LANG test|train
    awk -F '\t' 'NR == FNR { wanted[$1]; next } $1 in wanted' \
        "$DATA/clir/xquad/splits/$2.qids.txt" "$DATA/clir/xquad/queries.$1.tsv"
}

# NTREX's rows among those of LANG's bitext, whose manifest says where they stand.
ntrex_rows() { # LANG
    local rows
    rows=$(python3 -c 'import json, sys
blocks = json.load(open(sys.argv[1]))["train"][sys.argv[2]]["blocks"]
print(*("%(first_row)d,%(last_row)dp" % block for block in blocks if block["source"] == "ntrex"))' \
        "$DATA/bitext/manifest.json" "$1")
    gzip --decompress --stdout "$DATA/bitext/$1-en.tsv.gz" | sed --quiet "$rows"
}
