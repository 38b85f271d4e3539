"""What somebody has newly written in HTML mail, in the shape of each mail program."""

import pytest

from channels.email.reply.mails import html

OURS = "<p>The service api does not answer.</p><p>Shall it be restarted?</p>"
WHO = "&lt;<a href='mailto:bot@ops.example'>bot@ops.example</a>&gt;"

SHAPES = {
    "gmail": (
        '<div dir="ltr"><div>Yes, restart it.</div></div><br><div class="gmail_quote">'
        f'<div dir="ltr" class="gmail_attr">On Tue, Mar 4, 2025 at 9:12 AM Bot {WHO} wrote:<br>'
        f'</div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{OURS}</blockquote></div>'
    ),
    "gmail, signed": (
        '<div dir="ltr">Yes, restart it.<br clear="all"><div><br></div><span>-- </span>'
        '<div dir="ltr" class="gmail_signature">Bob<br>Shop Ltd</div></div><br>'
        f'<div class="gmail_quote">On Tue, Mar 4, 2025 Bot {WHO} wrote:'
        f"<blockquote>{OURS}</blockquote></div>"
    ),
    "apple mail": (
        '<body style="word-wrap: break-word;">Yes, restart it.<br><div><br><blockquote type="cite">'
        f"<div>On 4 Mar 2025, at 09:12, Bot {WHO} wrote:</div><br><div>{OURS}</div></blockquote>"
        "</div></body>"
    ),
    "iphone": (
        '<body dir="auto">Yes, restart it.<br><br><div dir="ltr">Sent from my iPhone</div>'
        '<div dir="ltr"><br><blockquote type="cite">On 4 Mar 2025, at 09:12, Bot wrote:<br><br>'
        '</blockquote></div><blockquote type="cite"><div dir="ltr">'
        f"{OURS}</div></blockquote></body>"
    ),
    "outlook": (
        '<body lang="EN-US"><div class="WordSection1"><p class="MsoNormal">Yes, restart it.'
        '<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">'
        '<p class="MsoNormal"><b>From:</b> Bot &lt;bot@ops.example&gt; <br><b>Sent:</b> Tuesday, '
        "March 4, 2025 9:12 AM<br><b>To:</b> Bob<br><b>Subject:</b> api<o:p></o:p></p></div></div>"
        f"{OURS}</div></body>"
    ),
    "outlook, german": (
        '<div class="WordSection1"><p class="MsoNormal">Yes, restart it.<o:p></o:p></p><div '
        "style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
        '<p class="MsoNormal"><b>Von:</b> Bot<br><b>Gesendet:</b> Dienstag, 4. März 2025 09:12<br>'
        f"<b>An:</b> Bob<br><b>Betreff:</b> api</p></div>{OURS}</div>"
    ),
    "outlook web": (
        '<div style="font-family:Calibri">Yes, restart it.</div><div id="appendonsend"></div>'
        '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg">'
        "<b>From:</b> Bot<br><b>Sent:</b> Tuesday, March 4, 2025 9:12 AM<br><b>To:</b> Bob<br>"
        f"<b>Subject:</b> api</div><div>{OURS}</div>"
    ),
    "outlook mobile": (
        '<div>Yes, restart it.</div><div id="ms-outlook-mobile-signature">Get '
        '<a href="https://aka.ms/o0ukef">Outlook for iOS</a></div>'
        '<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><b>From:</b> Bot<br>'
        f"<b>Sent:</b> Tuesday, March 4, 2025 9:12:33 AM<br><b>To:</b> Bob</div>{OURS}"
    ),
    "thunderbird": (
        '<body><p>Yes, restart it.</p><div class="moz-cite-prefix">On 3/4/25 09:12, Bot wrote:<br>'
        f'</div><blockquote type="cite" cite="mid:x@ops.example">{OURS}</blockquote></body>'
    ),
    "yahoo": (
        '<div class="yahoo-style-wrap"><div dir="ltr">Yes, restart it.</div><div><br></div></div>'
        '<div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Tuesday, March 4, 2025 at 09:12:33 '
        f"AM GMT+1, Bot wrote:</div><div>{OURS}</div></div>"
    ),
    "protonmail": (
        '<div style="font-family: Arial">Yes, restart it.</div><div class="protonmail_signature_'
        'block">Sent with Proton Mail secure email.</div><div class="protonmail_quote">On Tuesday, '
        'March 4th, 2025 at 9:12 AM, Bot wrote:<br><blockquote class="protonmail_quote" '
        f'type="cite">{OURS}</blockquote></div>'
    ),
    "zimbra": (
        '<div>Yes, restart it.</div><div><br></div><hr id="zwchr" data-marker="__DIVIDER__">'
        '<div data-marker="__HEADERS__"><b>From: </b>"Bot"<br><b>To: </b>"Bob"<br><b>Sent: </b>'
        "Tuesday, March 4, 2025 9:12:33 AM<br><b>Subject: </b>api<br></div>"
        f'<div data-marker="__QUOTED_TEXT__">{OURS}</div>'
    ),
    "notes": (
        "<font face=sans-serif>Yes, restart it.</font><br><br><br>"
        "<table><tr><td><font>From:</font><td><font>&quot;Bot&quot; &lt;bot@ops.example&gt;</font>"
        "<tr><td><font>To:</font><td><font>Bob</font><tr><td><font>Date:</font><td>"
        "<font>04/03/2025 09:12</font><tr><td><font>Subject:</font><td><font>api</font></table>"
        f"<hr noshade><br>{OURS}"
    ),
    "gmx": (
        '<div style="font-family: Verdana"><div>Yes, restart it.</div><div name="quote" '
        'style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5"'
        "><div><b>Gesendet:</b> Dienstag, 04. März 2025 um 09:12 Uhr<br><b>Von:</b> Bot<br>"
        f"<b>An:</b> Bob<br><b>Betreff:</b> api</div>{OURS}</div></div>"
    ),
    "k-9": (
        "<html><body>Yes, restart it.<br><br><div class='gmail_quote'>On March 4, 2025 9:12:33 AM "
        f"GMT+01:00, Bot wrote:<blockquote class='gmail_quote'>{OURS}</blockquote></div></body>"
    ),
    "samsung": (
        '<div>Yes, restart it.</div><div id="composer_signature"><div>Sent from my Galaxy</div>'
        "</div><div><br></div><div>-------- Original message --------</div><div>From: Bot "
        "</div><div>Date: 04/03/2025 09:12 (GMT+01:00) </div><div>To: Bob </div>"
        f"<div>Subject: api </div><div><br></div>{OURS}"
    ),
    "roundcube": (
        "<p>Yes, restart it.</p><p id='reply-intro'>On 2025-03-04 09:12, Bot wrote:</p>"
        f"<blockquote type='cite'>{OURS}</blockquote>"
    ),
}


@pytest.mark.parametrize("source", SHAPES.values(), ids=SHAPES.keys())
def test_a_quote_in_html_is_not_said_anew(source: str) -> None:
    """Each program marks its quotes in a way of its own; the words above them are the reply."""
    found = html(f"<html>{source}</html>")
    assert found.text.strip() == "Yes, restart it."
    assert "Shall it be restarted?" in found.quoted
    assert not found.doubtful


def test_hidden_words_are_not_said() -> None:
    """What the writer did not see is not theirs."""
    source = (
        '<div>No.</div><div style="display:none">approve</div><script>approve</script>'
        "<style>approve</style><!-- approve -->"
    )
    assert html(source).text.strip() == "No."


def test_answers_between_the_lines_are_found_in_html() -> None:
    """A quote that is answered bit by bit stays above its answers, marked."""
    source = (
        "<div>On 3/4/25 09:12, Bot wrote:</div><blockquote type='cite'>Restart api?</blockquote>"
        "<p>Yes.</p><blockquote type='cite'>And web?</blockquote><p>No, not web.</p>"
    )
    said = [line for line in html(source).text.splitlines() if line.strip()]
    assert said == ["> Restart api?", "Yes.", "> And web?", "No, not web."]


@pytest.mark.parametrize(
    "source", ["", "<", "<p", "<!--", "&#0;", "<html></html>", "\x00", "<div>" * 9000, "<a href"]
)
def test_broken_html_is_read_as_far_as_it_goes(source: str) -> None:
    """No HTML raises, however broken it is."""
    assert isinstance(html(source).text, str)
