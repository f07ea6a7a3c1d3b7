"""Demo: the five papers that are read before a 加入依頼書, in words of our own and marked as samples."""

import hashlib
from datetime import date

from django.core.files.base import ContentFile

from credit_insurance.enums import ConsentKind
from credit_insurance.models import ConsentPaper
from portal.documents.kinds import DocumentKind
from portal.documents.render import render

SAMPLE = DocumentKind(
    "credit-sample-paper", "重要事項説明書", "documents/base.html", lambda context: "重要事項説明書.pdf"
)
"""Made here only: the insurer enters papers of its own."""

BODIES = {
    ConsentKind.IMPORTANT: (
        "【見本】契約概要と注意喚起情報のあらましです。詳しくはPDFをお読みください。\n"
        "・お取引先の倒産等、または3か月の履行遅滞により代金が支払われないときに、損害の一定割合を補償します。\n"
        "・支払限度額は、保険期間中に、予告期間のある通知により減額することがあります。\n"
        "・告知事項と異なるお答えや、通知のないときは、保険金をお支払いできないことがあります。\n"
        "・補償は、加入期間の初日の午前0時に始まります。保険料は一時払のみです。"
    ),
    ConsentKind.PRIVACY: (
        "【見本】ご記入いただいた情報を、引受けの審査、契約の管理、保険金のお支払いのために、団体、引受保険会社、取扱代理店が"
        "利用します。法令に基づく場合を除き、ほかの目的には利用しません。"
    ),
    ConsentKind.ELECTRONIC: (
        "【見本】加入依頼書、告知、払込のご案内などの書面を、この画面での手続きとPDFにより、電磁的方法で取り交わします。"
        "提出した内容は、いつでも書類として取り出せます。"
    ),
    ConsentKind.ANTISOCIAL: (
        "【見本】当社と当社の役員は、暴力団などの反社会的勢力ではなく、反社会的勢力と関係がありません。"
        "事実と異なることがわかったときは、ご契約が解除されることを承知しています。"
    ),
    ConsentKind.ACCURACY: (
        "【見本】★または☆の付いた告知事項に、知っている事実を正確に答えました。☆の付いた事項に変更が生じるときは、"
        "すみやかに書面で連絡します。"
    ),
}

SECTIONS = (
    (
        "契約概要",
        (
            ("しくみ", "団体を契約者とし、会員の事業者を被保険者とする国内取引信用保険です。"),
            ("補償の対象", "継続的な取引契約により、保険期間中に引き渡した商品や提供した役務の代金債権です。"),
            ("支払う場合", "倒産等により、または弁済期日から3か月を過ぎても支払われず、履行の見込みがないときです。"),
            ("支払う額", "損害の額に縮小率を掛けた額です。支払限度額と期間中支払限度額の残りを超えません。"),
            ("保険期間", "3月1日午前0時から翌年2月末日の午後12時まで。中途加入は毎月1日からです。"),
            ("保険料", "一時払のみです。振込手数料は加入者のご負担です。"),
        ),
    ),
    (
        "注意喚起情報",
        (
            ("告知義務", "★または☆の付いた事項に、正確にお答えいただく義務があります。"),
            ("通知義務", "☆の付いた事項などに変更が生じるときは、すみやかに書面でご連絡いただく義務があります。"),
            ("責任の開始", "加入期間の初日の午前0時から補償します。"),
            ("支払わない場合", "故意や重大な過失、商品の欠陥、支払いが1か月遅れた後の引渡しによる損害などです。"),
            ("限度額の減額", "引受保険会社は、予告期間のある通知により支払限度額を減額することがあります。"),
            ("限度額の到達", "期間中支払限度額に達したときは、その事故の日に補償が終わり、保険料はお返ししません。"),
            ("事故のとき", "遅滞なくご連絡のうえ、損害の発生と拡大の防止に努めてください。"),
            ("破綻のとき", "従業員等が20人以下の法人などは、損害保険契約者保護機構の補償の対象になります。"),
        ),
    ),
)


def load(valid_from: date) -> None:
    """Enter the first version of every paper that is not there yet."""
    for kind in ConsentKind:
        if ConsentPaper.objects.filter(kind=kind).exists():
            continue
        paper = ConsentPaper(kind=kind, version=1, valid_from=valid_from, body=BODIES[kind])
        if kind == ConsentKind.IMPORTANT:
            content = render(SAMPLE, _context(valid_from))
            paper.sha256 = hashlib.sha256(content).hexdigest()
            paper.file.save("sample.pdf", ContentFile(content), save=False)
        paper.save()


def _context(valid_from: date) -> dict[str, object]:
    return {
        "title": "重要事項説明書（見本）",
        "number": "見本-1",
        "issued_at": f"{valid_from:%Y/%m/%d} 00:00",
        "issuer": "架空海上火災保険株式会社",
        "lead": "これは見本です。実際の保険契約の内容を示すものではありません。",
        "sections": [
            {"heading": heading, "rows": [{"label": label, "value": text} for label, text in rows]}
            for heading, rows in SECTIONS
        ],
    }
