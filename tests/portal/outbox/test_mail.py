"""Mail: at least once, recognisable when repeated, and nothing smuggled into its headers."""

from email import message_from_bytes, policy

import pytest
from django.core.mail import EmailMessage

from portal.outbox import Message, drain
from portal.outbox.mail import EmlBackend, deliver, message_id, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings):
    settings.EMAIL_BACKEND = "portal.outbox.mail.EmlBackend"


@pytest.fixture
def mails(settings):
    def read():
        files = sorted((settings.DATA_DIR / "mail").iterdir())
        return [(path.name, message_from_bytes(path.read_bytes(), policy=policy.default)) for path in files]

    return read


def test_a_mail_is_sent_after_the_drain_with_its_japanese_text(mails):
    send("K-1", "Anna <anna@example.com>", "受付のお知らせ", "確認申込みを受け付けました。\n㈱髙𠮷商店")
    drain()
    [(name, mail)] = mails()
    assert mail["Message-ID"] == message_id("K-1")
    assert name == f"{message_id('K-1').strip('<>')}.eml"
    assert (mail["Subject"], mail["To"]) == ("受付のお知らせ", "Anna <anna@example.com>")
    assert mail.get_content().rstrip() == "確認申込みを受け付けました。\n㈱髙𠮷商店"


def test_a_repeated_delivery_replaces_itself(mails):
    for _ in range(2):
        deliver("K-1", {"to": "a@example.com", "subject": "s", "body": "b"})
    deliver("K-2", {"to": "a@example.com", "subject": "s", "body": "b"})
    assert len(mails()) == 2


def test_the_same_key_is_one_mail():
    send("K-1", "a@example.com", "s", "b")
    send("K-1", "a@example.com", "s", "b")
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@example.com\nBcc: x@example.com", "s"),
        ("a@example.com\r", "s"),
        ("a@example.com", "s\r\nBcc: x@example.com"),
        ("a@example.com, b@example.com", "s"),
        ("a@example.com;b@example.com", "s"),
        ("", "s"),
    ],
)
def test_what_would_add_headers_or_recipients_is_refused(to, subject):
    with pytest.raises(ValueError, match=r"header|recipient"):
        send("K-1", to, subject, "b")
    assert not Message.objects.exists()


def test_a_message_id_cannot_name_a_file_elsewhere(settings, mails):
    EmlBackend().send_messages([EmailMessage("s", "b", to=["a@example.com"], headers={"Message-ID": "<../../x@y>"})])
    assert [name for name, _ in mails()] == ["x@y.eml"]
