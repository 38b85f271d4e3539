# ruff: noqa: RUF001 - other alphabets have letters that look like ours
"""What mail programs say in many languages: the words that no structure gives away.

Tables only. A language that is missing is not lost: a date, an address and a colon are enough for
most lines that announce a quote.
"""

import re


def _any(words: str) -> str:
    """An alternative of the words between slashes; the longest first."""
    some = sorted((word.strip() for word in words.split("/")), key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in some if word)


_WROTE = """
wrote/writes/has written/sent/said/schrieb/schrieb folgendes/geschrieben/hat geschrieben/
schreef/het volgende geschreven/geschreven/a écrit/à écrit/écrit/a ecrit/ecrit/a envoyé/
escribió/escribio/ha escrito/escribe/escreveu/escribiu/va escriure/ha escrit/ha scritto/scritto/
scrive/skrev/skrev følgende/skrev följande/skreiv/skrifaði/reit/kirjoitti/kirjutas/napisał/
napisała/napisał(a)/pisze/napsal/napsala/napsal(a)/napísal/napísala/napísal(a)/написал/
написала/написал(а)/пишет/писал/пише/написав/написав(-ла)/написа/напісаў/írta/ezt írta/yazdı/
şunu yazdı/şunları yazdı/yazmış/a scris/scris/έγραψε/έγραψε τα εξής/כתב/כתבה/كتب/كتبت/
je napisao/je napisala/napisao/napisala/je napisal/napisal/rakstīja/rašė/parašė/đã viết/
menulis/thus wrote/schrieven/idatzi du/写道/寫道/写了/写到/撰寫/发表/さんは書きました/
さんが書きました/書きました/のメール/작성/님이 작성/님이 씀/wrote on/ได้เขียน/เขียน/เขียนว่า/
napisana/napisana przez
"""
WROTE = re.compile(rf"(?<![^\W_])(?:{_any(_WROTE)})(?![^\W_])", re.IGNORECASE)
"""The verb of "Bob wrote:"."""

WROTE_ENDINGS = tuple(dict.fromkeys(word.strip().lower() for word in _WROTE.split("/")))
"""A quick look before the search for it at the end."""

_CJK = "写道|寫道|写了|写到|撰寫|发表|書きました|のメール|작성"
WROTE_AT_END = re.compile(
    rf"(?:(?<![^\W_])(?:{_any(_WROTE)})|{_CJK})[\s:：,.\-_—–*>]*$", re.IGNORECASE
)
"""It stands at the end."""

PROSE = re.compile(
    r"\b(?:the|a|an|this|that|these|my|our|we|they|it|and|then|is|was|has|have|will|please|that's"
    r"|der|die|das|ein|eine|und|wir|ist|le|la|les|une|nous|est|el|los|una)\b",
    re.IGNORECASE,
)
"""Words that stand in sentences, and between a date and a verb only there."""

_LABELS = {
    "from": """
        from/von/de/da/van/fra/från/od/от/від/від кого/от кого/lähettäjä/mittente/absender/
        remitente/expéditeur/expéditrice/remetente/feladó/gönderen/kimden/από/מאת/من/nadawca/
        odesílatel/odosielateľ/发件人/發件人/寄件者/差出人/送信者/보낸 사람/보낸사람/ส่งจาก/
        pengirim/dari/từ/expeditor/de la/šalje/saatja/nuo/pošiljatelj/afsender/avsender/
        avsändare/gesendet von/寄件人/发送人
    """,
    "date": """
        date/sent/sent at/sent on/datum/gesendet/gesendet am/verzonden/datum verzonden/envoyé/
        envoyé le/date d'envoi/enviado/enviado el/enviada/enviada em/enviado em/fecha/
        fecha de envío/data/data invio/inviato/inviata/dato/sendt/skickat/datum skickat/wysłano/
        wysłane/data wysłania/odesláno/odoslané/dátum/poslano/отправлено/дата/надіслано/
        lähetetty/päivämäärä/päiväys/pvm/elküldve/dátuma/gönderildi/gönderilme tarihi/tarih/
        gönderim tarihi/trimis/ημερομηνία/στάλθηκε/נשלח/תאריך/أرسلت/التاريخ/发送时间/发送日期/
        发件时间/日期/時間/寄件日期/傳送時間/已傳送/送信日時/日時/日付/보낸 날짜/날짜/dikirim/
        tanggal/đã gửi/ngày/saadetud/kuupäev/izsūtīts/išsiųsta/sendt den
    """,
    "to": """
        to/an/à/a/para/aan/til/till/pro/komu/dla/кому/kenelle/vastaanottaja/címzett/kime/
        alıcı/către/προς/אל/إلى/destinatario/destinataire/ricevuto da/收件人/收件者/宛先/
        받는 사람/받는사람/kepada/tới/za/prima/saaja/kam/kopija/mottaker/modtager/mottagare/
        empfänger/adresat/odbiorca/příjemce
    """,
    "cc": """
        cc/cci/bcc/kopie/copie/copie à/copia/kopia/kopi/kopio/másolat/bilgi/cópia/копия/копія/
        dw/副本/抄送/密件抄送/참조/ccn/cco/kópia/κοιν/עותק/نسخة
    """,
    "subject": """
        subject/betreff/objet/sujet/asunto/oggetto/assunto/onderwerp/emne/ämne/temat/předmět/
        predmet/тема/тема письма/aihe/tárgy/konu/subiect/θέμα/נושא/الموضوع/主题/主旨/件名/제목/
        subjek/perihal/chủ đề/teema/naslov/zadeva/assumpte/tēma/efni/re
    """,
    "reply": """
        reply-to/reply to/antwort an/répondre à/responder a/responder para/risposta/rispondi a/
        antwoorden aan/svar til/svara till/odpovědět/odpowiedz do/回复/返信先/ответить
    """,
    "other": """
        importance/priority/wichtigkeit/importancia/attachments/anlagen/pièces jointes/
        mailed-by/organization/organisation/message-id/reply by/resent-from/
        list-id/priorität/bijlagen/anexos
    """,
}
LABELS = {
    " ".join(label.split()): role for role, some in _LABELS.items() for label in some.split("/")
}
"""What stands before a colon in the headers of a mail that is quoted, and what it tells."""

_ANOTHER = """
original message/original appointment/original mail/original e-mail/original email/original/
originalnachricht/ursprüngliche nachricht/originalmeldung/ursprüngliche e-mail/
original-nachricht/message original/message d'origine/message d’origine/message initial/
mensaje original/mensagem original/messaggio originale/oorspronkelijk bericht/origineel bericht/
originele e-mail/oprindelig meddelelse/oprindelig besked/original besked/opprinnelig melding/
original melding/ursprungligt meddelande/originalmeddelande/alkuperäinen viesti/
wiadomość oryginalna/oryginalna wiadomość/původní zpráva/původní e-mail/pôvodná správa/
исходное сообщение/исходное письмо/оригинал сообщения/оригінальне повідомлення/eredeti üzenet/
orijinal mesaj/özgün ileti/asıl ileti/mesaj original/mesajul original/αρχικό μήνυμα/
הודעה מקורית/الرسالة الأصلية/原始邮件/原始郵件/原邮件/元のメッセージ/オリジナルメッセージ/
original message follows/원본 메시지/원본 메일/pesan asli/thư gốc/izvorna poruka/
originalna poruka/izvirno sporočilo/algne kiri/reply message/antwort-nachricht/
missatge original
"""
ANOTHER = re.compile(_any(_ANOTHER), re.IGNORECASE)

FORWARDED = re.compile(
    r"forward(?:ed)?\b|\bfwd\b|weitergeleitet|weiterleitung|transféré|réexpédié|reenviado|rreenviado"
    r"|reenviada|inoltrat|doorgestuurd|doorgezonden|videresendt|vidarebefordra|vidaresend"
    r"|edelleenlähetetty|välitetty|przekazan|przesłan|přeposl|preposl|пересылаем|переслан"
    r"|перенаправлен|továbbított|iletilen|iletilmiş|yönlendirilmiş|redirecționat|redirectionat"
    r"|προωθημένο|הועבר|转发|轉寄|转寄|転送|전달|diteruskan|chuyển tiếp|encaminhad|proslijeđen"
    r"|posredovan|edastatud|pārsūtīt|persiųst|reenviat",
    re.IGNORECASE,
)

_REPLY_WORD = (
    r"repl(?:y|ies)|respond|response|write|type|answer|antwort\w*|schreib\w*|répon\w+|répond\w*"
    r"|écri\w+|respuesta|respond\w*|responda|escrib\w+|resposta|rispo\w+|rispond\w*|scriv\w+"
    r"|antwoord\w*|reageer|svar\w*|skriv\w*|vasta\w*|odpow\w+|odpov\w+|ответ\w*|напиш\w*|回复|返信|답장"
)
_ABOVE = (
    r"above|oberhalb|über\s+diese\w*|au-dessus|ci-dessus|encima|arriba|acima|sopra|boven\w*|ovenfor"
    r"|ovanför|ovan|over\s+denne|over\s+linj\w*|yläpuolel\w*|powyżej|nad\s+t\w+|выше|üstüne|以上|上方|위에"
)
REPLY_WORD = re.compile(rf"(?<!\w)(?:{_REPLY_WORD})", re.IGNORECASE)
ABOVE = re.compile(rf"(?<!\w)(?:{_ABOVE})", re.IGNORECASE)

_SENT = (
    r"sent|written|composed|gesendet|gesandt|von\s+mein\w+|diese\s+nachricht|envoyé|enviado|enviada"
    r"|inviat[oa]|verzonden|verstuurd|skickat|sendt|lähetetty|wysłan[eoy]|odeslán[oa]|odoslané"
    r"|отправлено|надіслано|küldve|elküldve|gönderildi|trimis|στάλθηκε|נשלח|dikirim|gửi\s+từ|poslano"
    r"|poslané|saadetud|enviat|mit\s+der|von\s+unterwegs"
)
_SENT_CJK = "发自|發自|從我的|从我的|傳送|送信|보냄"
SENT = re.compile(rf"^\W*(?:(?:{_SENT})(?!\w)|{_SENT_CJK})", re.IGNORECASE)
SENT_SOMEWHERE = re.compile(rf"(?<!\w)(?:{_SENT})(?!\w)|{_SENT_CJK}", re.IGNORECASE)
GET_APP = re.compile(
    r"^\W*(?:(?:get|download|obtenez|télécharger|obtener|descargar|obter|scarica|ottieni|hämta|få|hent"
    r"|hanki|pobierz|získat|скачать)\s+\[?outlook\b|outlook\b.{1,20}\b(?:beziehen|downloaden"
    r"|herunterladen)\b)",
    re.IGNORECASE,
)
BRAND = re.compile(
    r"iphon|ipad|ipod|android|blackberry|outlook|samsung|galaxy|huawei|xiaomi|yahoo|gmx|k-9|proton"
    r"|gmail|windows",
    re.IGNORECASE,
)
DEVICE = re.compile(
    r"iphon|ipad|ipod|imac|macbook|apple\s?watch|android|blackberry|outlook|samsung|galaxy|nokia"
    r"|huawei|xiaomi|redmi|oneplus|motorola|windows\s+(?:phone|mail|10|11|8|7)|(?:mail|hotmail)\b.*"
    r"windows|mobil|handy|smartphone|tablet|telefon|téléphone|teléfono|telefono|telemóvel|celular"
    r"|phone\b|pixel\b|yahoo|k-9|gmail|protonmail|proton\s+mail|airmail|mailbox|spark\b|aol\b|gmx"
    r"|web\.de|thunderbird|superhuman|newton|myma?il|bluemail|blue\s+mail|hey\b|fairemail|mailbird"
    r"|телефон|手机|手機|휴대|携帯|スマート|email\s+app",
    re.IGNORECASE,
)
EXCUSE = re.compile(
    r"\b(?:excuse|forgive|pardon|apolog\w+|sorry|typos?|typoz\w*|brevity|brief|short|errors|kürze"
    r"|tippfehler|entschuldig\w*|excusez|fautes|disculp\w*|scus\w+)\b",
    re.IGNORECASE,
)

_REGARDS = """
regards/best/best regards/best wishes/kind regards/kindest regards/warm regards/warmest regards/
warmly/sincerely/sincerely yours/yours sincerely/yours truly/yours faithfully/yours/
respectfully/respectfully yours/with regards/with kind regards/with best regards/
with best wishes/all the best/cordially/br/rgds/kr/many regards/good regards/
mit freundlichen grüßen/mit freundlichem gruß/mit freundlichen grüssen/mit besten grüßen/
freundliche grüße/freundliche grüsse/beste grüße/viele grüße/liebe grüße/schöne grüße/
herzliche grüße/grüße/gruß/gruss/liebe grüsse/viele grüsse/beste grüsse/mfg/lg/vg/vlg/
mit lieben grüßen/hochachtungsvoll/cordialement/bien cordialement/bien à vous/bien à toi/
sincères salutations/meilleures salutations/salutations/cdlt/cdt/amicalement/respectueusement/
saludos/un saludo/saludos cordiales/cordiales saludos/atentamente/atte/cordialmente/un abrazo/
atenciosamente/cumprimentos/com os melhores cumprimentos/melhores cumprimentos/abraços/abraço/
att/cordiali saluti/distinti saluti/saluti/un saluto/un cordiale saluto/buona giornata/
met vriendelijke groet/met vriendelijke groeten/vriendelijke groet/vriendelijke groeten/groeten/
groetjes/hartelijke groet/mvg/med vänlig hälsning/med vänliga hälsningar/vänliga hälsningar/
vänligen/hälsningar/mvh/vh/med venlig hilsen/venlig hilsen/bedste hilsner/de bedste hilsner/
hilsen/kh/med vennlig hilsen/vennlig hilsen/beste hilsen/ystävällisin terveisin/terveisin/
parhain terveisin/t/pozdrawiam/pozdrawiam serdecznie/z poważaniem/z powazaniem/
z wyrazami szacunku/pozdrowienia/s pozdravem/s úctou/pozdrav/s pozdravom/lep pozdrav/
lijep pozdrav/с уважением/всего доброго/з повагою/üdvözlettel/üdv/tisztelettel/saygılarımla/
saygılar/iyi çalışmalar/cu stimă/cu respect/με εκτίμηση/φιλικά/בברכה/בכבוד רב/مع أطيب التحيات/
تحياتي/此致/敬礼/祝好/敬具/よろしくお願いします/よろしくお願いいたします/감사합니다/드림/
lugupidamisega/parimate soovidega/ar cieņu/pagarbiai/trân trọng/salam/hormat saya
"""
_THANKS = """
thanks/thank you/many thanks/thanks a lot/thanks so much/thanks again/thank you very much/
cheers/thx/ta/thanks in advance/thanks and regards/thanks & regards/danke/vielen dank/
besten dank/merci/merci beaucoup/merci d'avance/gracias/muchas gracias/obrigado/obrigada/grazie/
grazie mille/bedankt/dank je/dank u/alvast bedankt/tack/tack så mycket/tak/mange tak/takk/
kiitos/dziękuję/dzięki/díky/děkuji/спасибо/дякую/köszönöm/teşekkürler/teşekkür ederim/mulțumesc/
ευχαριστώ/תודה/شكرا/谢谢/謝謝
"""


def _formulas(words: str) -> frozenset[str]:
    return frozenset(" ".join(word.split()) for word in words.split("/") if word.strip())


REGARDS = _formulas(_REGARDS)
THANKS = _formulas(_THANKS)

GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good\s+(?:morning|afternoon|evening)|hallo|guten\s+(?:tag|morgen|abend)"
    r"|moin|servus|liebe[rs]?|bonjour|bonsoir|salut|hola|buenos\s+días|buenas|ciao|buongiorno|olá"
    r"|oi|bom\s+dia|boa\s+tarde|beste|dag|hej|hejsan|hei|moi|terve|cześć|czesc|dzień\s+dobry|witam"
    r"|ahoj|dobrý\s+den|привет|здравствуйте|добрый\s+день|szia|merhaba|bună)\b[^.?\n]{0,40}$",
    re.IGNORECASE,
)

DISCLAIMER = re.compile(
    r"confidential|privileged|intended\s+(?:only|solely|recipient|for)|recipient|unauthori[sz]ed"
    r"|prohibited|disclos|received\s+(?:this|it)\b.{0,40}\bin\s+error|delete\s+(?:this|it|the)"
    r"|notify\s+(?:the|us)|liab|vertraulich|empfänger|irrtümlich|unbefugt|vernichten|confidentiel"
    r"|destinataire|par\s+erreur|confidencial|destinat[aá]ri|por\s+error|por\s+engano|riservat"
    r"|per\s+errore|divulga|vertrouwelijk|geadresseerde|abusievelijk|konfidentiell|fortrolig"
    r"|mottagaren|modtager|poufn|adresat|конфиденциальн|adressat|attachment|virus",
    re.IGNORECASE,
)
EXTERNAL = re.compile(
    r"(?=.*\b(?:external|outside|extern\w*|externe)\b)(?=.*\b(?:caution|warning|attention|links?"
    r"|attachments?|originat\w+|sender|vorsicht|achtung|liens)\b)",
    re.IGNORECASE | re.DOTALL,
)
