"""Single passes over many texts laid end to end, compiled.

What is asked of every character is asked here in one loop each; NumPy would walk the same
characters once for every operation. `codes` and `offsets` are those of `Characters`, tables are
over all code points.
"""

import numpy as np
from jaxtyping import Bool, Int, UInt8, UInt32, UInt64

from optical_cli.compiled import compiled

Codes = UInt32[np.ndarray, " char"]
Offsets = Int[np.ndarray, " text_and_one"]

SPACE_CODE = np.uint32(32)


@compiled
def marked(codes: Codes, offsets: Offsets, table: Bool[np.ndarray, "1114112"]):
    """Which texts have a character that the table marks."""
    found = np.zeros(len(offsets) - 1, np.bool_)
    for text in range(len(found)):
        for i in range(offsets[text], offsets[text + 1]):
            if table[codes[i]]:
                found[text] = True
                break
    return found


@compiled
def neighbors(codes: Codes, offsets: Offsets, roles: UInt8[np.ndarray, "1114112"]):
    """Which texts have a character of role 4, or one of role 2 after one of role 1."""
    found = np.zeros(len(offsets) - 1, np.bool_)
    for text in range(len(found)):
        before = 0
        for i in range(offsets[text], offsets[text + 1]):
            role = roles[codes[i]]
            if (role & 4) or ((role & 2) and (before & 1)):
                found[text] = True
                break
            before = role
    return found


@compiled
def most_care(codes: Codes, offsets: Offsets, table: UInt8[np.ndarray, "1114112"], spaced: int):
    """The largest entry of each text; at least `spaced` with a space doubled or at an end."""
    care = np.zeros(len(offsets) - 1, np.uint8)
    for text in range(len(care)):
        most, after_space = 0, True
        for i in range(offsets[text], offsets[text + 1]):
            most = max(most, table[codes[i]])
            space = codes[i] == SPACE_CODE
            if space and after_space:
                most = max(most, spaced)
            after_space = space
        if after_space and offsets[text + 1] > offsets[text]:
            most = max(most, spaced)
        care[text] = most
    return care


@compiled
def shapes(
    codes: Codes, offsets: Offsets, table: UInt8[np.ndarray, "1114112"], classes: int, space: int
):
    """How many characters of each class a text has, its longest word, its longest run.

    The last two columns: characters without `space` between them, and times that one character
    stands in a row.
    """
    found = np.zeros((len(offsets) - 1, classes + 2), np.int64)
    for text in range(len(found)):
        word = run = longest_word = longest_run = 0
        before = np.uint32(0xFFFFFFFF)
        for i in range(offsets[text], offsets[text + 1]):
            code = codes[i]
            kind = table[code]
            found[text, kind] += 1
            word = 0 if kind == space else word + 1
            run = run + 1 if code == before else 1
            before = code
            longest_word = max(longest_word, word)
            longest_run = max(longest_run, run)
        found[text, classes] = longest_word
        found[text, classes + 1] = longest_run
    return found


@compiled
def mapped(codes: Codes, offsets: Offsets, table: UInt32[np.ndarray, "1114112"], special: int):
    """What the table makes of each character, without what it makes 0, and which texts hold
    something `special`.
    """
    kept = np.empty(len(codes), np.uint32)
    ends = np.zeros(len(offsets), np.int64)
    odd = np.zeros(len(offsets) - 1, np.bool_)
    place = 0
    for text in range(len(odd)):
        for i in range(offsets[text], offsets[text + 1]):
            value = table[codes[i]]
            kept[place] = value
            place += value != 0
            odd[text] |= value == special
        ends[text + 1] = place
    return kept[:place].copy(), ends, odd


@compiled
def digit_hashes(codes: Codes, offsets: Offsets, values: UInt8[np.ndarray, "1114112"]):
    """A hash of the digits of each text and of where one number ends and the next begins.

    `values` has one more than the value of each decimal digit, of any script, and 0 for all else.
    """
    hashes = np.zeros(len(offsets) - 1, np.uint64)
    for text in range(len(hashes)):
        value, inside = np.uint64(0), False
        for i in range(offsets[text], offsets[text + 1]):
            digit = values[codes[i]]
            if digit:
                symbol = np.uint64(digit if inside else digit + 16)
                value = (value ^ symbol) * np.uint64(0xD6E8FEB86659FD93)
                value ^= value >> np.uint64(32)
            inside = digit > 0
        hashes[text] = value
    return hashes


@compiled
def repeats(
    codes: Codes, offsets: Offsets, in_word: Bool[np.ndarray, "1114112"],
    single: bool, longest_unit: int, shortest_span: int,
):  # fmt: skip
    """How many times the same words stand in a row in each text, at most; 1 for no repetition.

    A word is a stretch of characters that `in_word` marks, or one such character if `single`.
    Three times or more counts, where all of it together has `shortest_span` characters.
    """
    found = np.ones(len(offsets) - 1, np.float64)
    longest = 0
    for text in range(len(found)):
        longest = max(longest, offsets[text + 1] - offsets[text])
    words = np.empty(longest + 1, np.uint64)
    starts = np.empty(longest + 1, np.int64)
    stops = np.empty(longest + 1, np.int64)
    for text in range(len(found)):
        count = _words(
            codes, offsets[text], offsets[text + 1], in_word, single, words, starts, stops
        )
        for period in range(1, min(longest_unit, count // 3) + 1):
            begin = 0
            for i in range(period, count + 1):
                if i < count and words[i] == words[i - period]:
                    continue
                # Units `begin` to i - 1 repeat themselves at this period.
                if i - begin >= 3 * period and stops[i - 1] - starts[begin] >= shortest_span:
                    found[text] = max(found[text], (i - begin) // period)
                begin = i - period + 1
    return found


@compiled
def _words(
    codes: Codes, start: int, stop: int, in_word: Bool[np.ndarray, "1114112"], single: bool,
    words: UInt64[np.ndarray, " word"], starts: Int[np.ndarray, " word"],
    stops: Int[np.ndarray, " word"],
):  # fmt: skip
    """Fill in a hash of each word, ASCII capitals as small letters, and its place; how many."""
    count, value, inside = 0, np.uint64(0), False
    for i in range(start, stop + 1):
        more = i < stop and in_word[codes[i]]
        if inside and (single or not more):
            words[count], stops[count] = value, i
            count += 1
            inside = False
        if more:
            if not inside:
                starts[count], value, inside = i, np.uint64(0), True
            code = codes[i]
            small = code + np.uint32(32) if 65 <= code <= 90 else code
            value = (value ^ np.uint64(small)) * np.uint64(0xD6E8FEB86659FD93)
            value ^= value >> np.uint64(32)
    return count
