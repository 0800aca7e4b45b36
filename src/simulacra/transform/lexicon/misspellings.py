"""How people misspell: common slips of whole words, and letters that sound alike."""

from __future__ import annotations

__all__ = ["MISSPELLED", "SOUNDS"]

_MISSPELLED = """
accommodate/accomodate achieve/acheive across/accross address/adress again/agian almost/allmost already/allready
although/altough always/allways amount/ammount answer/anwser apparently/apparantly argument/arguement
available/availible because/becuase before/befor beginning/begining believe/beleive business/buisness
calendar/calender card/crad changed/chnaged cheque/cheqe choose/chooze color/coler coming/comming committee/commitee
completely/completly could/coud country/contry customer/cusomer definitely/definately describe/discribe
different/diffrent difficult/dificult disappear/dissapear disappointed/dissapointed does/deos during/durring
embarrass/embarass enough/enuogh environment/enviroment especially/especialy every/evry exchange/exhange
exercise/excercise existence/existance experience/experiance family/famly famous/famuos favorite/favorit
february/febuary finally/finaly first/frist follow/folow foreign/foriegn forty/fourty friend/freind from/fromm
government/goverment grammar/grammer guarantee/garantee happened/happend have/ahve height/heigth
immediately/immediatly independent/independant interest/intrest knowledge/knowlege language/langauge letter/leter
library/libary little/litle machine/machien make/maek many/mnay maybe/mabye message/mesage money/mony more/mroe
name/naem necessary/neccessary neighbor/nieghbor noticeable/noticable number/numbr occasion/occassion
occurred/occured often/offen only/olny opposite/oposite other/ohter payment/paymnet people/poeple perhaps/prehaps
person/preson phone/fone piece/peice please/plese popular/populer possible/posible president/presidant
probably/probly problem/probelm publicly/publically question/quesiton quickly/quickley quiet/queit really/realy
receive/recieve recommend/recomend remember/rember restaurant/restaraunt safety/saftey said/siad schedule/schedual
school/scool second/secnd sentence/sentance separate/seperate should/shoud similar/similiar since/sinse some/soem
something/somthing soon/sooon still/stil strange/starnge success/sucess successful/succesful suppose/supose
surprise/suprise that/taht the/teh their/thier then/tehn there/ther they/tehy thing/thign think/thnik this/tihs
through/throught time/tiem today/tody together/togehter tomorrow/tommorow tonight/tonite transfer/tranfer
truly/truely until/untill usually/usualy very/vrey want/wnat was/wsa weather/wether week/weeek weird/wierd well/wel
went/wnet were/wer what/waht when/wehn where/wher which/wich while/wile white/wite whole/whoel why/wy will/wil
with/wiht woman/womann work/wrok world/wolrd would/woud write/wriet writing/writting wrong/worng year/yaer
yesterday/yesturday your/yuor
"""
MISSPELLED = dict(pair.split("/") for pair in _MISSPELLED.split())
"""Word -> how it is often misspelled."""

SOUNDS = (
    ("ie", "ei"), ("ei", "ie"), ("ph", "f"), ("ough", "uff"), ("tion", "sion"), ("ance", "ence"), ("ence", "ance"),
    ("ant", "ent"), ("ent", "ant"), ("able", "ible"), ("ible", "able"), ("ll", "l"), ("ss", "s"), ("tt", "t"),
    ("mm", "m"), ("cc", "c"), ("ck", "k"), ("ea", "ee"), ("ee", "ea"), ("oo", "u"), ("ou", "o"), ("ai", "ay"),
)  # fmt: skip
"""Letters -> letters that sound alike, in the order they are tried."""
