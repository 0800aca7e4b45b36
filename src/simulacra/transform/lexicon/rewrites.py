"""Turns of phrase that say the same: each group may stand for each other in any text, whatever comes after.

What opens a question or a request is what people vary most; so are fixed connectives. Groups keep who does what.
"""

from __future__ import annotations

__all__ = ["GROUPS"]

GROUPS: tuple[tuple[str, ...], ...] = tuple(
    tuple(one.strip() for one in line.split("|"))
    for line in """
    how do i | how can i | how would i | how should i
    how do you | how does one | how can you | how does a person
    can i | may i | am i able to | is it possible for me to | could i
    can you | could you | would you | are you able to
    can you tell me | could you tell me | do you know | please tell me | i would like to know
    i want to | i would like to | i wish to | i'd like to
    i need to | i have to | i must
    i need help | i need assistance | i could use some help | i need a hand
    please help | please assist | help me please
    is there a way to | is there any way to | is it possible to | would it be possible to
    where can i | where do i | in what place can i | where could i
    why is | why's | how come | what is the reason
    what is the name of | what's the name of | what is the title of
    what is the | what's the | can you name the | tell me the
    what are the | can you name the | tell me the | list the
    what is a | what's a | define a | describe a
    what is an | what's an | define an | describe an
    who was the | can you name the person who was the | tell me who was the
    who is the | who's the | can you name the person who is the | tell me who is the
    what kind of | what sort of | what type of
    what type of | what kind of | what sort of
    how many | what number of | how large a number of
    how much is | what is the price of
    how long does it take | how much time does it take | how long will it take | how long is the wait
    how long will | how much time will
    due to | because of | on account of | owing to
    a lot of | lots of | plenty of | a great deal of
    as soon as possible | as quickly as possible | right away
    right now | at the moment | just now | at present
    at the moment | right now | currently | presently
    i think | i believe | i guess | i suppose
    as well as | along with | together with | in addition to
    thank you | thanks | many thanks | much appreciated
    in the world | on earth | on the planet | worldwide
    in the united states | in the u.s. | in america | in the us
    located in | situated in | found in
    made of | composed of | made up of
    known as | called | referred to as
    the most | by far the most
    looks like | seems like | appears as if
    it seems | it appears | it looks as if
    i am having trouble | i have trouble | i am having problems | i have difficulty
    i tried to | i attempted to | i was trying to
    trying to | attempting to
    let me know | keep me informed
    find out | discover
    get rid of | remove | dispose of
    look for | search for | seek
    looking for | searching for | seeking
    come from | originate from | stem from
    all of the | all the | each of the
    every day | each day | daily
    next week | the coming week | the week ahead
    last week | the past week | the week before
    this evening | tonight
    later today | later on today
    call me | give me a call | ring me
    text me | send me a text | message me
    see you | i'll see you | see ya
    talk to you later | speak to you later | talk later
    how are you | how are you doing | how is it going
    good night | sleep well | have a good night
    i am going to | i'm going to | i will
    at home | at the house
    on my way | on the way | coming now
    """.strip().splitlines()
)
"""Phrases of equal meaning, small letters. A phrase may begin in one group and be offered in another."""
