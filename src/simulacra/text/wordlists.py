"""Short word lists of our own: the commonest words of each language that `language` knows, and negations.

The lists were written for this project; they hold function words, which say nothing of what a text is about.
"""

from __future__ import annotations

from functools import cache

__all__ = ["LANGUAGES", "stop_words"]

_WORDS = {
    "en": "the of and to in is you that it he was for on are as with his they i at be this have from or one had by not"
    " but what all were we when your can said there an each which she do how their if will up other about out many"
    " then them these so some her would make like him into time has look more go see no could my than been who its"
    " now did get may me am just don't it's i'm where why does any our should us very after because also too much"
    " here",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er"
    " hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur"
    " bis mehr durch man sein wurde sei ich wir ihr mein kein wenn was ihre kann mir mich habe wo warum schon"
    " bitte wieder muss",
    "fr": "le la les de des du et à en un une est que qui dans pour pas sur au aux il elle ce cette ces ne se son sa"
    " ses plus par je vous nous avec tout mais ou où comme leur sont ont été être avoir fait même si on y lui bien"
    " sans peut quand quel quelle très c'est j'ai mon ma mes votre notre aussi entre deux toujours",
    "es": "el la los las de que y en un una es por con no se su para como más pero sus le ya o este sí porque esta"
    " entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra"
    " otros ese eso ante ellos e esto mí antes algunos qué unos yo otro otras él tanto esa estos mucho cómo está"
    " son fue del al mi",
    "it": "il lo la i gli le di che e è un una in per non con si da come più ma su anche del della dei delle nel nella"
    " al alla sono ha questo questa se ci mi ti io lui lei noi loro cosa quando dove chi perché molto essere hanno"
    " era tutto fatto così ancora già senza quello quella sul dal dalla degli",
    "pt": "o a os as de que e do da em um uma para é com não por mais dos das se na no como mas foi ao ele ela à seu"
    " sua ou ser quando muito há nos já está eu também só pelo pela até isso entre era depois sem mesmo aos ter"
    " seus quem nas me esse eles você essa num nem suas meu às minha têm são isto onde porque fazer",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er om ook als dan maar bij of uit door naar heeft"
    " hij ze je ik wij deze die over was worden wordt werd kan hebben nog wel geen mijn jouw hun meer moet waar"
    " hoe wat wie waarom dit toch al tot zo veel zou heb u",
    "sv": "och att det i en som är på av för med den till inte om ett han var jag har de så från men vi kan du när sig"
    " hon eller vad ska under också efter här alla hade nu mycket dig mig min skulle finns där blir bara vid sina"
    " över",
    "da": "og at det i en som er på af for med den til ikke om et han var jeg har de så fra men vi kan du når sig hun"
    " eller hvad skal under også efter her alle havde nu meget dig mig min skulle hvor bliver kun ved sine over"
    " blev",
    "no": "og å det i en som er på av for med den til ikke om et han var jeg har de så fra men vi kan du når seg hun"
    " eller hva skal under også etter her alle hadde nå mye deg meg min skulle hvor blir bare ved sine over ble"
    " noe",
    "fi": "ja on ei se että oli hän mutta ovat joka kun niin kuin minä sinä me te he tämä tai jos myös vain ole olen"
    " mitä missä miksi sen siitä sitten nyt vielä hyvin kaikki mukaan sekä voi olla ollut häntä minun jo en",
    "pl": "i w na z do nie że się to jest o jak za po co ale tak od przez dla czy już tylko są był była było być może"
    " ma jego jej ich tym tego ten ta te który która które pan oraz przy bardzo gdy gdzie kto dlaczego jestem mnie"
    " mi",
    "cs": "a v na se je že to s z do o i k jako pro ale jsem jsou byl byla bylo by podle jeho po co za který která"
    " které při být až tak jen už nebo má když ve kde kdo proč však také od aby mezi této není jak ze",
    "hu": "a az és hogy nem is egy ez van volt meg de csak már még mint ha azt vagy aki ami ki el én te ő mi ti ők mert"
    " kell lehet nagyon minden ezt fel itt ott hol miért mit majd lesz után pedig sem amely",
    "ro": "și de la în a nu cu pe o un este că se din mai pentru ce care au fost sau dar ca fi el ea sunt am lui ale"
    " acest această prin după fără foarte când unde cine cum sa său lor noi voi te mă ei",
    "tr": "ve bir bu da de için ile çok ne var daha ama o gibi en kadar ben sen biz siz değil mi mı olarak sonra olan"
    " her ya ki olduğu şey nasıl neden nerede kim yok ise diye bana beni hiç şimdi",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena ada mereka kami kita anda"
    " adalah bisa sudah atau oleh lebih apa siapa bagaimana telah dia sangat belum harus seperti saat jika",
    "vi": "và của là có không cho được các trong một người những với đã này để khi đó từ tôi bạn như ở thì sẽ cũng vào"
    " nhiều về ra rất còn phải đến nào gì tại sao nếu",
    "ru": "и в не на я что он с как а это по но к из у за от так же то для вы мы ты она они бы был была было быть все"
    " его её их или если когда где кто почему уже только есть ещё очень меня мне этот",
    "uk": "і в не на я що він з як а це по але до із у за від так же то для ви ми ти вона вони би був була було бути"
    " все його її їх або якщо коли де хто чому вже тільки є ще дуже мене мені цей та й",
    "bg": "и в не на аз че той с как а това по но към от за така също то вие ние ти тя те би беше са бъде все него нея"
    " им или ако кога къде кой защо вече само има още много мен ми този да се е си ще",
}  # fmt: skip

LANGUAGES = tuple(_WORDS)
"""ISO 639-1 codes of the languages that lists are there for."""


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the commonest words of a language, in lower case; none for a language there is no list of.

    >>> "the" in stop_words("en"), len(stop_words("xx"))
    (True, 0)
    """
    return frozenset(_WORDS.get(language, "").split())
