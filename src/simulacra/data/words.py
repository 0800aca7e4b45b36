"""Pools of made-up words and names, built once per process when first needed.

Names and places come from mimesis with a fixed seed; words of text from the list below, in which everything can stand
beside everything: things of house, garden, landscape and weather, and what one says of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import polars as pl

from .draws import Draws

__all__ = ["pick", "pool", "prose"]

_SIZES = {"first": 1500, "last": 1000, "city": 1000, "street": 1500}
_SENTENCES = 4000
_NEUTRAL = """
acorn afternoon airy almond amber apple apricot april arch area aspen atlas august autumn avenue bakery balcony bamboo
barley barn basil basket bay bell bench berry birch biscuit bloom blue boat book border bottle bowl box bracket branch
brass bread breeze brick bridge bright brook brown bucket bundle button cabin calm candle canvas carbon cardboard
carpet carrot cedar ceiling ceramic chair chalk chestnut chimney circle clay clear clock cloth cloud clover coast
cobalt column compass copper coral corner cotton cover crystal cup curtain curve daisy dawn december deep desk detail
dew door dozen drawer dune early earth east echo edge elm emerald engine evening fabric fair falcon fern field fig
finch fir flat floor flour foam forest fork fountain frame fresh frost garden gate gentle ginger glass gold grain
granite grape grass gravel green grey grove half hall hammer harbor harvest hazel heather hedge height hill hinge
honey horizon ink iron island ivory ivy jar juniper kettle kitchen ladder lake lamp lantern large larch laurel lavender
leaf lemon lentil level library light lilac lime linen list long lower mango maple marble march meadow melon metal
middle mint mirror mist month moon morning moss mountain narrow needle new noon north notebook november oak oat ocean
october olive open orange orchard outer oval page paint pale palm panel paper parcel parsley path pavement pear pebble
pencil pepper petal piano pillow pine planet plate plum pocket pond poplar porch portrait prairie quartz quiet radio
rain raspberry reed ribbon rice ridge river road roof room rosemary round row ruby saffron sail salt sample sand
sapphire scale season section shelf shore short silver simple sketch sky slate small snow soft south spoon spring
square stable stairs star station steady stem stone straw stream street strip summer sun surface table tall tea
terrace thread thyme tile timber topaz tower town track tree tulip tunnel umber valley vase velvet view village violet
wall walnut warm water wave wheat wheel white wide willow window winter wood wool yard year yellow zinc
"""


@lru_cache(maxsize=8)
def pool(kind: str) -> pl.Series:
    """Return the distinct words of a pool, sorted: first, last, city, street or word (3 to 10 letters, lower case)."""
    if kind == "word":
        return pl.Series(kind, sorted(_NEUTRAL.split()))
    from mimesis import Address, Person
    from mimesis.locales import Locale

    person, address = Person(Locale.EN, seed=1), Address(Locale.EN, seed=1)
    makers: dict[str, Callable[[], str]] = {
        "first": person.first_name,
        "last": person.last_name,
        "city": address.city,
        "street": lambda: f"{address.street_name()} {address.street_suffix()}",
    }
    words = {makers[kind]() for _ in range(_SIZES[kind])}
    return pl.Series(kind, sorted(word for word in words if word.isascii()))


def pick(kind: str, draws: Draws) -> pl.Series:
    """Return one word of the pool per row."""
    words = pool(kind)
    return words.gather(pl.Series(draws.below(len(words)), dtype=pl.UInt32))


@lru_cache(maxsize=1)
def prose() -> tuple[str, np.ndarray, np.ndarray]:
    """Return a long run of made-up sentences, where its sentences start, and where its words end."""
    words = pool("word").to_list()
    rng = np.random.Generator(np.random.PCG64(1))
    sentences = []
    for length in rng.integers(4, 16, _SENTENCES).tolist():
        chosen = " ".join(words[k] for k in rng.integers(0, len(words), length).tolist())
        sentences.append(chosen[:1].upper() + chosen[1:] + ".")
    text = " ".join(sentences)
    lengths = np.array([len(sentence) + 1 for sentence in sentences])
    letters = np.frombuffer(text.encode("ascii"), np.uint8)
    return text, np.cumsum(lengths) - lengths, np.append(np.flatnonzero(letters == ord(" ")), len(text))
