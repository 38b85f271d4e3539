"""What somebody has newly written, in the shape of each mail program and the usual languages."""
# ruff: noqa: RUF001, E501 - other alphabets have letters that look like ours; lines are as programs write them

import pytest

from channels.email.reply.extraction import extract

SAID = "Yes, restart it.\n\nAnd tell me when it is back."

QUOTED = "> The service api does not answer.\n> Shall it be restarted?"

ANNOUNCED = {
    "gmail": "On Tue, Mar 4, 2025 at 9:12 AM Watchkeeper <bot@ops.example> wrote:",
    "gmail, wrapped": (
        "On Tue, Mar 4, 2025 at 9:12 AM Watchkeeper of the Operations Team <\nbot@ops.example> wrote:"
    ),
    "gmail, german": "Am Di., 4. März 2025 um 09:12 Uhr schrieb Watchkeeper <bot@ops.example>:",
    "gmail, french": "Le mar. 4 mars 2025 à 09:12, Watchkeeper <bot@ops.example> a écrit :",
    "gmail, spanish": "El mar, 4 mar 2025 a las 9:12, Watchkeeper (<bot@ops.example>) escribió:",
    "gmail, portuguese": (
        "Em ter., 4 de mar. de 2025 às 09:12, Watchkeeper <bot@ops.example>\nescreveu:"
    ),
    "gmail, italian": (
        "Il giorno mar 4 mar 2025 alle ore 09:12 Watchkeeper <bot@ops.example> ha scritto:"
    ),
    "gmail, dutch": "Op di 4 mrt 2025 om 09:12 schreef Watchkeeper <bot@ops.example>:",
    "gmail, swedish": "Den tis 4 mars 2025 kl 09:12 skrev Watchkeeper <bot@ops.example>:",
    "gmail, danish": "Den tirs. 4. mar. 2025 kl. 09.12 skrev Watchkeeper <bot@ops.example>:",
    "gmail, norwegian": "tir. 4. mars 2025 kl. 09:12 skrev Watchkeeper <bot@ops.example>:",
    "gmail, finnish": "ti 4. maalisk. 2025 klo 9.12 Watchkeeper (bot@ops.example) kirjoitti:",
    "gmail, polish": "wt., 4 mar 2025 o 09:12 Watchkeeper <bot@ops.example> napisał(a):",
    "gmail, czech": "út 4. 3. 2025 v 9:12 odesílatel Watchkeeper <bot@ops.example> napsal:",
    "gmail, slovak": "ut 4. 3. 2025 o 9:12 Watchkeeper <bot@ops.example> napísal(a):",
    "gmail, hungarian": (
        "Watchkeeper <bot@ops.example> ezt írta (időpont: 2025. márc. 4., K, 9:12):"
    ),
    "gmail, romanian": "În mar., 4 mar. 2025 la 09:12, Watchkeeper <bot@ops.example> a scris:",
    "gmail, turkish": (
        "Watchkeeper <bot@ops.example>, 4 Mar 2025 Sal, 09:12 tarihinde şunu yazdı:"
    ),
    "gmail, russian": "вт, 4 мар. 2025 г. в 09:12, Watchkeeper <bot@ops.example>:",
    "gmail, ukrainian": "вт, 4 бер. 2025 р. о 09:12 Watchkeeper <bot@ops.example> пише:",
    "gmail, greek": (
        "Στις Τρί 4 Μαρ 2025 στις 9:12 π.μ., ο χρήστης Watchkeeper <bot@ops.example> έγραψε:"
    ),
    "gmail, hebrew": "\u202bבתאריך יום ג׳, 4 במרץ 2025 ב-9:12 מאת \u202aWatchkeeper\u202c\u200f <\u202abot@ops.example\u202c\u200f>:\u202c",
    "gmail, japanese": "2025年3月4日(火) 9:12 Watchkeeper <bot@ops.example>:",
    "gmail, chinese": "Watchkeeper <bot@ops.example> 于2025年3月4日周二 09:12写道：",
    "gmail, taiwanese": ("Watchkeeper <bot@ops.example> 於 2025年3月4日 週二 上午9:12寫道："),
    "gmail, korean": "2025년 3월 4일 (화) 오전 9:12, Watchkeeper <bot@ops.example>님이 작성:",
    "gmail, vietnamese": (
        "Vào Th 3, 4 thg 3, 2025 vào lúc 09:12 Watchkeeper <bot@ops.example>\nđã viết:"
    ),
    "gmail, indonesian": "Pada Sel, 4 Mar 2025 pukul 09.12 Watchkeeper <bot@ops.example> menulis:",
    "apple": "On 4 Mar 2025, at 09:12, Watchkeeper <bot@ops.example> wrote:",
    "apple, american": "> On Mar 4, 2025, at 9:12 AM, Watchkeeper <bot@ops.example> wrote:\n> ",
    "apple, german": "Am 04.03.2025 um 09:12 schrieb Watchkeeper <bot@ops.example>:",
    "apple, french": "> Le 4 mars 2025 à 09:12, Watchkeeper <bot@ops.example> a écrit :\n> ",
    "apple, italian": (
        "Il giorno 4 mar 2025, alle ore 09:12, Watchkeeper <bot@ops.example> ha scritto:"
    ),
    "apple, spanish": "El 4 mar 2025, a las 9:12, Watchkeeper <bot@ops.example> escribió:",
    "apple, dutch": (
        "Op 4 mrt. 2025 om 09:12 heeft Watchkeeper <bot@ops.example> het volgende geschreven:"
    ),
    "apple, swedish": "4 mars 2025 kl. 09:12 skrev Watchkeeper <bot@ops.example>:",
    "apple, danish": "Den 4. mar. 2025 kl. 09.12 skrev Watchkeeper <bot@ops.example>:",
    "apple, polish": "Wiadomość napisana przez Watchkeeper <bot@ops.example> w dniu 04.03.2025:",
    "apple, russian": ("4 марта 2025 г., в 09:12, Watchkeeper <bot@ops.example> написал(а):"),
    "apple, chinese": "2025年3月4日 09:12，Watchkeeper <bot@ops.example> 写道：",
    "apple, japanese": "2025/03/04 9:12、Watchkeeper <bot@ops.example>のメール:",
    "thunderbird": "On 3/4/25 09:12, Watchkeeper wrote:",
    "thunderbird, german": "Am 04.03.25 um 09:12 schrieb Watchkeeper:",
    "thunderbird, french": "Le 04/03/2025 à 09:12, Watchkeeper a écrit :",
    "thunderbird, italian": "Il 04/03/2025 09:12, Watchkeeper ha scritto:",
    "thunderbird, spanish": "El 4/3/25 a las 9:12, Watchkeeper escribió:",
    "thunderbird, dutch": "Op 04-03-2025 om 09:12 schreef Watchkeeper:",
    "thunderbird, polish": "W dniu 4.03.2025 o 09:12, Watchkeeper pisze:",
    "thunderbird, czech": "Dne 04. 03. 25 v 9:12 Watchkeeper napsal(a):",
    "thunderbird, russian": "04.03.2025 09:12, Watchkeeper пишет:",
    "thunderbird, swedish": "Den 2025-03-04 kl. 09:12, skrev Watchkeeper:",
    "thunderbird, japanese": "On 2025/03/04 9:12, Watchkeeper wrote:",
    "yahoo": "    On Tuesday, March 4, 2025 at 09:12:33 AM GMT+1, Watchkeeper <bot@ops.example> wrote:",
    "yahoo, german": (
        "    Am Dienstag, 4. März 2025 um 09:12:33 MEZ hat Watchkeeper <bot@ops.example>"
        " Folgendes geschrieben:"
    ),
    "protonmail": "On Tuesday, March 4th, 2025 at 9:12 AM, Watchkeeper <bot@ops.example> wrote:",
    "mutt": "On Tue, Mar 04, 2025 at 09:12:33AM +0100, Watchkeeper wrote:",
    "mutt, its own": "* Watchkeeper <bot@ops.example> [2025-03-04 09:12]:",
    "emacs": "Watchkeeper <bot@ops.example> writes:",
    "k-9": "On March 4, 2025 9:12:33 AM GMT+01:00, Watchkeeper <bot@ops.example> wrote:",
    "k-9, german": "Am 4. März 2025 09:12:33 MEZ schrieb Watchkeeper <bot@ops.example>:",
    "kmail": "On Tuesday, March 4, 2025 9:12:33 AM Central European Standard Time Watchkeeper wrote:",
    "roundcube": "On 2025-03-04 09:12, Watchkeeper wrote:",
    "roundcube, german": "Am 2025-03-04 09:12, schrieb Watchkeeper:",
    "evolution": "On Tue, 2025-03-04 at 09:12 +0100, Watchkeeper wrote:",
    "horde": "Quoting Watchkeeper <bot@ops.example>:",
    "horde, german": "Zitat von Watchkeeper <bot@ops.example>:",
    "sogo": "On Tuesday, March 04, 2025 09:12 CET, Watchkeeper <bot@ops.example> wrote:",
    "superhuman": "On Tue, Mar 4, 2025 at 9:12 AM, Watchkeeper < bot@ops.example > wrote:",
}
"""What the program puts above the quote, which is marked by ">"."""


@pytest.mark.parametrize("above", ANNOUNCED.values(), ids=ANNOUNCED.keys())
def test_an_announced_quote_is_not_said_anew(above: str) -> None:
    """Above the quote are the words; the announcement and the quote are neither."""
    found = extract(f"{SAID}\n\n{above}\n\n{QUOTED}\n")
    assert found.text == SAID
    assert "Shall it be restarted?" in found.quoted
    assert not found.doubtful


ALWAYS_MARKED = ("horde", "apple, american", "apple, french")
"""These programs put a ">" before every line that they quote."""

PLAIN = {name: above for name, above in ANNOUNCED.items() if not name.startswith(ALWAYS_MARKED)}


@pytest.mark.parametrize("above", PLAIN.values(), ids=PLAIN.keys())
def test_a_quote_that_is_not_marked_is_not_said_anew(above: str) -> None:
    """Some programs put no ">" before what they quote; where the announcement is plain, it ends."""
    plain = "The service api does not answer.\nShall it be restarted?"
    assert extract(f"{SAID}\n\n{above}\n\n{plain}\n").text == SAID


HEADERS = {
    "outlook": "From: {who}\nSent: Tuesday, March 4, 2025 9:12 AM\nTo: {to}\nSubject: [ops] api",
    "outlook, starred": (
        "*From:* {who}\n*Sent:* Tuesday, March 4, 2025 9:12 AM\n*To:* {to}\n*Subject:* [ops] api"
    ),
    "outlook, german": (
        "Von: {who}\nGesendet: Dienstag, 4. März 2025 09:12\nAn: {to}\nBetreff: [ops] api"
    ),
    "outlook, french": "De : {who}\nEnvoyé : mardi 4 mars 2025 09:12\nÀ : {to}\nObjet : [ops] api",
    "outlook, spanish": (
        "De: {who}\nEnviado: martes, 4 de marzo de 2025 9:12\nPara: {to}\nAsunto: [ops] api"
    ),
    "outlook, portuguese": (
        "De: {who}\nEnviado: terça-feira, 4 de março de 2025 09:12\nPara: {to}\nAssunto: [ops] api"
    ),
    "outlook, italian": (
        "Da: {who}\nInviato: martedì 4 marzo 2025 09:12\nA: {to}\nOggetto: [ops] api"
    ),
    "outlook, dutch": (
        "Van: {who}\nVerzonden: dinsdag 4 maart 2025 09:12\nAan: {to}\nOnderwerp: [ops] api"
    ),
    "outlook, swedish": (
        "Från: {who}\nSkickat: den 4 mars 2025 09:12\nTill: {to}\nÄmne: [ops] api"
    ),
    "outlook, danish": "Fra: {who}\nSendt: 4. marts 2025 09:12\nTil: {to}\nEmne: [ops] api",
    "outlook, finnish": (
        "Lähettäjä: {who}\nLähetetty: tiistai 4. maaliskuuta 2025 9.12\nVastaanottaja: {to}\n"
        "Aihe: [ops] api"
    ),
    "outlook, polish": "From: {who}\nWysłano: wtorek, 4 marca 2025 09:12\nDo: {to}\nTemat: [ops] api",
    "outlook, czech": (
        "Od: {who}\nOdesláno: úterý 4. března 2025 9:12\nKomu: {to}\nPředmět: [ops] api"
    ),
    "outlook, russian": (
        "От: {who}\nОтправлено: 4 марта 2025 г. 9:12\nКому: {to}\nТема: [ops] api"
    ),
    "outlook, hungarian": (
        "Feladó: {who}\nElküldve: 2025. március 4., kedd 9:12\nCímzett: {to}\nTárgy: [ops] api"
    ),
    "outlook, turkish": (
        "Kimden: {who}\nGönderildi: 4 Mart 2025 Salı 09:12\nKime: {to}\nKonu: [ops] api"
    ),
    "outlook, chinese": "发件人: {who}\n发送时间: 2025年3月4日 9:12\n收件人: {to}\n主题: [ops] api",
    "outlook, japanese": "差出人: {who}\n送信日時: 2025年3月4日 9:12\n宛先: {to}\n件名: [ops] api",
    "outlook, korean": "보낸 사람: {who}\n보낸 날짜: 2025년 3월 4일 화요일 9:12\n받는 사람: {to}\n제목: [ops] api",
    "windows mail": "From: {who}\nDate: 4 March 2025 09:12\nTo: {to}\nSubject: [ops] api",
    "zimbra": (
        "----- Original Message -----\nFrom: {who}\nTo: {to}\n"
        "Sent: Tuesday, March 4, 2025 9:12:33 AM\nSubject: [ops] api"
    ),
    "outlook express": (
        "----- Original Message ----- \nFrom: {who}\nTo: {to}\n"
        "Sent: Tuesday, March 04, 2025 9:12 AM\nSubject: [ops] api"
    ),
    "outlook, old": (
        "-----Original Message-----\nFrom: {who}\nSent: Tuesday, March 4, 2025 9:12 AM\nTo: {to}\n"
        "Subject: [ops] api"
    ),
    "outlook, old, german": (
        "-----Ursprüngliche Nachricht-----\nVon: {who}\nGesendet: Dienstag, 4. März 2025 09:12\n"
        "An: {to}\nBetreff: [ops] api"
    ),
    "outlook web": (
        "________________________________\nFrom: {who}\nSent: Tuesday, March 4, 2025 9:12:33 AM\n"
        "To: {to}\nSubject: [ops] api"
    ),
    "gmx": (
        "Gesendet: Dienstag, 04. März 2025 um 09:12 Uhr\nVon: {who}\nAn: {to}\nBetreff: [ops] api"
    ),
    "protonmail, old": "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Tuesday, March 4th, 2025 at 9:12 AM, {who} wrote:",
    "notes": (
        'From:\t"Watchkeeper" <bot@ops.example>\nTo:\t{to}\nDate:\t04/03/2025 09:12\n'
        "Subject:\t[ops] api"
    ),
    "samsung": (
        "-------- Original message --------\nFrom: {who}\nDate: 04/03/2025 09:12 (GMT+01:00)\n"
        "To: {to}\nSubject: [ops] api"
    ),
    "qq": (
        "------------------ Original ------------------\nFrom: {who}\n"
        "Date: Tue, Mar 4, 2025 09:12 AM\nTo: {to}\nSubject: [ops] api"
    ),
    "blackberry": (
        "From: {who}\nSent: Tuesday, March 4, 2025 9:12 AM\nTo: {to}\nReply To: {who}\n"
        "Subject: [ops] api"
    ),
}


@pytest.mark.parametrize("above", HEADERS.values(), ids=HEADERS.keys())
def test_another_mail_below_is_not_said_anew(above: str) -> None:
    """Where the headers of another mail stand, it begins, marked or not."""
    told = above.format(who="Watchkeeper <bot@ops.example>", to="Bob <bob@shop.example>")
    found = extract(f"{SAID}\n\n{told}\n\nThe service api does not answer.\nShall it be restarted?")
    assert found.text == SAID
    assert "Shall it be restarted?" in found.quoted


SIGNED = {
    "the standard": "-- \nBob Miller\nShop Ltd",
    "the standard, eaten": "--\nBob Miller",
    "iphone": "Sent from my iPhone",
    "iphone, german": "Von meinem iPhone gesendet",
    "iphone, french": "Envoyé de mon iPhone",
    "iphone, spanish": "Enviado desde mi iPhone",
    "iphone, italian": "Inviato da iPhone",
    "iphone, dutch": "Verstuurd vanaf mijn iPhone",
    "iphone, swedish": "Skickat från min iPhone",
    "iphone, danish": "Sendt fra min iPhone",
    "iphone, polish": "Wysłane z iPhone'a",
    "iphone, russian": "Отправлено с iPhone",
    "iphone, chinese": "发自我的 iPhone",
    "iphone, japanese": "iPhoneから送信",
    "iphone, korean": "나의 iPhone에서 보냄",
    "ipad": "Sent from my iPad",
    "outlook for ios": "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "outlook for android": "Sent from Outlook for Android<https://aka.ms/AAb9ysg>",
    "windows mail": "Sent from Mail for Windows",
    "samsung": "Sent from my Samsung Galaxy smartphone.",
    "k-9": "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
    "protonmail": "Sent with Proton Mail secure email.",
    "yahoo": "Sent from Yahoo Mail on Android",
    "blackberry": "Sent from my BlackBerry 10 smartphone.",
    "regards": "Best regards,\nBob Miller\nShop Ltd\n+44 20 7946 0000",
    "regards, german": "Mit freundlichen Grüßen\nBob Müller",
    "regards, french": "Cordialement,\nBob Meunier",
}


@pytest.mark.parametrize("below", SIGNED.values(), ids=SIGNED.keys())
def test_a_signature_is_not_said(below: str) -> None:
    """Neither the writer's name nor the program's advertisement is part of the words."""
    assert extract(f"{SAID}\n\n{below}\n").text == SAID


@pytest.mark.parametrize("below", SIGNED.values(), ids=SIGNED.keys())
def test_a_signature_above_a_quote_is_not_said(below: str) -> None:
    """A signature and a quote below it: neither is said."""
    above = ANNOUNCED["gmail"]
    assert extract(f"{SAID}\n\n{below}\n\n{above}\n\n{QUOTED}\n").text == SAID


KEPT = {
    "a list": "Do this:\n\n- restart api\n- tell me",
    "a log": "It says:\n\n2025-03-04 09:12:33 ERROR api: connection refused\n2025-03-04 09:12:34 up",
    "somebody is told of": "On Monday Carol wrote: the disk is full. Is that still so?",
    "a greeting": "Hi,\n\nrestart it please.",
    "a label": "Service: api\nState: down\nSince: 9:12",
    "code": "Run this:\n\n    for i in *; do\n      rm $i\n    done",
    "an address": "Ask carol@shop.example, she knows.",
    "one word": "approve",
    "a dash": "Two ways - restart or wait -- I say wait.",
    "thanks alone": "Thanks",
    "thanks and more": "Thanks!\n\nWhat about web?",
    "sent": "Sent the file to Carol an hour ago.",
    "from": "From: the network, I think. To: nobody.",
    "a question about regards": "Give my regards to the database. Is it up?",
    "japanese": "再起動してください。\n\n終わったら教えて。",
    "arabic": "أعد تشغيله من فضلك.",
    "a fence": "```\nFrom: a\nTo: b\n```\nis what it prints",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_words_are_kept(text: str) -> None:
    """What only looks like a quote or a signature is somebody's words."""
    assert extract(text).text == text


def test_answers_between_the_lines_stay_with_what_they_answer() -> None:
    """Lines that were answered one by one are shown, marked, above their answers."""
    mail = "On 3/4/25 09:12, Watchkeeper wrote:\n> Restart api?\n\nYes.\n\n> And web?\n\nNo, not web.\n"
    assert extract(mail).text == "> Restart api?\n\nYes.\n\n> And web?\n\nNo, not web."


def test_an_answer_below_the_quote_is_found() -> None:
    """Where somebody answers below, the quote above is not theirs."""
    mail = f"On 3/4/25 09:12, Watchkeeper wrote:\n{QUOTED}\n\n{SAID}\n"
    assert extract(mail).text == SAID


def test_nothing_but_a_quote_says_nothing() -> None:
    """An empty answer is empty, whatever it quotes: a quoted "approve" approves nothing."""
    found = extract("\n\nOn 3/4/25 09:12, Watchkeeper wrote:\n> approve 7\n")
    assert found.text == ""
    assert "approve 7" in found.quoted


def test_what_we_have_sent_is_not_said_anew() -> None:
    """A program that marks nothing is found out by our own words."""
    ours = (
        "The service api does not answer since ten past nine this morning, and the last deploy was"
        " at nine. Shall it be restarted now?"
    )
    assert extract(f"{SAID}\n\n{ours}\n", sent=(ours,)).text == SAID


def test_below_our_own_line_nothing_is_said() -> None:
    """The bot may ask to write above a line of its own; what is below it is not read."""
    mail = f"{SAID}\n\n-- Please reply above this line --\n\nThe service api is down.\n"
    assert extract(mail).text == SAID
