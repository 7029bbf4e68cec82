"""Sentences that speech-to-text engines are known to make up on silence, one a line.

They come from the subtitles that the engines were trained on, in any language, whichever was asked for.
"""

from typing import Final

INVENTIONS: Final = """
okay
o k
ok
you
yeah
hmm
mm
mm hmm
uh
um
oh
ah
so
the
bye
goodbye
good bye
thank you
thank you very much
thank you so much
thank you all
thank you everyone
thank you guys
thanks
thanks a lot
thank you for watching
thanks for watching
thank you for listening
thanks for listening
thank you for your attention
thank you for your time
thank you for your support
thank you for joining us
see you
see you later
see you soon
see you next time
see you next week
see you in the next one
see you in the next video
i ll see you in the next video
i ll see you next time
i m sorry
the end
subscribe
please subscribe
please subscribe to my channel
please subscribe to the channel
like and subscribe
please like and subscribe
please like share and subscribe
don t forget to subscribe
don t forget to like and subscribe
to be continued
blank audio
music
music playing
applause
laughter
silence
noise
inaudible
no speech

danke
danke sehr
danke schön
vielen dank
dankeschön
vielen dank fürs zuschauen
vielen dank für s zuschauen
danke fürs zuschauen
danke für s zuschauen
danke fürs zuhören
danke für s zuhören
vielen dank fürs zuhören
vielen dank für s zuhören
vielen dank für die aufmerksamkeit
vielen dank für ihre aufmerksamkeit
vielen dank für eure aufmerksamkeit
danke für die aufmerksamkeit
danke für ihre aufmerksamkeit
tschüss
tschau
bis bald
bis dann
bis zum nächsten mal
auf wiedersehen
abonniert den kanal
musik
applaus
stille
rauschen
untertitel

gracias
muchas gracias
vale
adiós
hasta luego
chao
de nada
gracias por ver
muchas gracias por ver
gracias por ver el video
muchas gracias por ver el video
gracias por su atención
muchas gracias por su atención
gracias por escuchar
suscríbete
suscríbete al canal
no olvides suscribirte
hasta la próxima
música
aplausos
silencio

merci
merci beaucoup
merci à tous
merci à vous
d accord
au revoir
merci d avoir regardé
merci d avoir regardé cette vidéo
merci d avoir regardé la vidéo
merci d avoir écouté
merci de votre attention
merci pour votre attention
abonnez vous
n oubliez pas de vous abonner
à bientôt
à la prochaine
musique
applaudissements

grazie
grazie mille
grazie a tutti
va bene
ciao
arrivederci
grazie per la visione
grazie per aver guardato
grazie per aver guardato il video
grazie per l attenzione
grazie per l ascolto
iscriviti al canale
iscrivetevi al canale
alla prossima
musica
applausi
silenzio

dank je
dank je wel
dankjewel
dank u
dank u wel
dankuwel
bedankt
hartelijk dank
bedankt voor het kijken
dank u voor het kijken
dank je voor het kijken
bedankt voor het luisteren
tot de volgende keer
tot ziens
doei
muziek
stilte

شكرا
شكرا لك
شكرا لكم
شكرا جزيلا
شكرا على المشاهدة
شكرا لكم على المشاهدة
شكرا للمشاهدة
شكرا على حسن الاستماع
اشتركوا في القناة
لا تنسوا الاشتراك في القناة
مع السلامة
موسيقى

obrigado
obrigada
muito obrigado
muito obrigada
obrigado por assistir
tchau
спасибо
большое спасибо
спасибо за просмотр
спасибо за внимание
до свидания
продолжение следует
дякую
дякую за перегляд
dziękuję
dziękuję bardzo
dziękuję za uwagę
dzięki za oglądanie
dziękuję za oglądanie
tack
tack så mycket
tack för att ni tittade
tack för att ni har tittat
tack för att du har tittat
tack till er som har tittat
takk
takk for at du så på
takk for meg
tak
tak for at du så med
tak fordi du så med
kiitos
kiitos katsomisesta
kiitos kun katsoit
děkuji
děkuji za pozornost
teşekkürler
teşekkür ederim
izlediğiniz için teşekkürler
izlediğiniz için teşekkür ederim
ευχαριστώ
תודה רבה
תודה
köszönöm
köszönöm hogy megnézted
mulțumesc
hvala
gràcies
ありがとうございました
ご視聴ありがとうございました
おやすみなさい
谢谢
谢谢大家
谢谢观看
感谢观看
謝謝
謝謝觀看
감사합니다
고맙습니다
시청해주셔서 감사합니다
"""
"""Letters and digits only; case and accents do not matter."""

CREDITS: Final = """
.*amara org.*
.*otter ai.*
www .*
(copyright|tv|swr|wdr|br|zdf|ndr|mdr|orf) .*\\d{4}
(subtitles|subtitled|captions|captioned|transcribed|transcription|translated) by .*
untertitel(ung)? (im auftrag|von|der|des|durch|aufgrund|br|wdr|zdf|swr|ndr) .*
sous titrage .*
sous titres (realises|par|faits) .*
par soustitreur com
(sottotitoli|revisione) (creati|di|a cura|e revisione) .*
subtitulos (por|en|realizados|creados|de) .*
(ondertitels?|ondertiteld|ondertiteling) (ingediend|door|van) .*
legendas (pela|por|da) .*
napisy (stworzone|przez|od) .*
titulky (vytvoril|od|prelozil) .*
(teksting|undertekster|undertexter|undertexting|tekstet) (av|af|fra|fran) .*
altyaz[i\u0131] .*
субтитры (сделал|создавал|делал|подогнал|от) .*
редактор субтитров .*
ترجمة نانسي .*
字幕.*
"""
"""Names of who made subtitles: regular expressions for the same form of a text, without accents."""
